package dev.tenon.hub;

import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How far the download of one file is. Several a second, and one at its end.
 *
 * @param file the path of the file in its repository, or its name
 * @param bytes the bytes that are there, with those of an earlier try
 * @param total the bytes of the whole file; empty if the server does not tell
 * @param bytesPerSecond the rate of the last seconds; 0 at first
 * @param timeLeft the time until the end at this rate; empty as long as it is not known
 */
public record DownloadProgress(
        String file, long bytes, OptionalLong total, double bytesPerSecond, Optional<Duration> timeLeft) {}
