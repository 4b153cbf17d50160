// Whole files, read and written so that a crash leaves the old content or the new, never a part.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

namespace reformer {

// The bytes of a file, or of a device or pipe that ends within 256 MiB. Throws Error with the path
// and the reason.
std::string read_file(const std::filesystem::path& path);

// Replaces the file (a symbolic link itself, not what it points to) in one step: a temporary file
// in the same directory, flushed to the disk, then renamed, and the directory flushed. Throws Error
// with the path and the reason; the temporary file is then gone and an old file untouched,
// unless only the last step, flushing the directory, failed. A device or a pipe stays what it is,
// and the bytes go into it.
void write_file_atomically(const std::filesystem::path& path, std::string_view bytes);

// Writes to the end of a file that exists, and flushes it to the disk. Throws Error with the path
// and the reason; then, and after a crash, a part of the bytes may be there.
void append_to_file(const std::filesystem::path& path, std::string_view bytes);

// Renames a file within one file system and flushes the directory of `to`; replaces what is there.
// Throws Error with the path and the reason.
void move_file_durably(const std::filesystem::path& from, const std::filesystem::path& to);

// Removes a file; one that is not there is fine. Throws Error with the path and the reason.
void remove_file(const std::filesystem::path& path);

// Removes the temporary files in a directory (".*.tmp", and SQLite's journals of such), which
// nobody must be writing to: a process that was killed leaves them. What cannot be removed stays.
void remove_left_overs(const std::filesystem::path& directory);

// Makes what was created, renamed and removed in the directory survive the loss of power. Throws
// Error with the path and the reason.
void flush_directory(const std::filesystem::path& path);

// Creates the directory and its parents where missing. Throws Error when it cannot be written to.
void ensure_writable_directory(const std::filesystem::path& path);

}  // namespace reformer
