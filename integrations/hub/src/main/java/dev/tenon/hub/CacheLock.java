package dev.tenon.hub;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to change one file of a cache, among all threads and processes that use this class. Python's tools lock the same files in
 * another way that these locks do not see, and nothing depends on a lock: a file gets its final name when it is complete and compared.
 */
final class CacheLock implements AutoCloseable {
    private static final Duration PAUSE = Duration.ofMillis(50);

    /**
     * The files that threads of this process have locked. A second thread may not even open such a file: on some systems, closing it
     * would end the lock of the first one.
     */
    private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

    private final Path file;
    private final FileChannel channel;

    private CacheLock(Path file, FileChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Waits for the lock.
     *
     * @param path the lock's file, which is made and stays
     * @param deadline when waiting ends
     * @param thing what is locked, for messages
     */
    static CacheLock acquire(Path path, Deadline deadline, String thing) throws IOException {
        Path file = path.toAbsolutePath().normalize();
        Files.createDirectories(file.getParent());
        while (!HELD.add(file)) {
            deadline.sleep(PAUSE, thing);
        }
        FileChannel channel = null;
        boolean locked = false;
        try {
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            while (!isLocked(channel)) {
                deadline.sleep(PAUSE, thing);
            }
            locked = true;
            return new CacheLock(file, channel);
        } finally {
            if (!locked) {
                if (channel != null) {
                    channel.close();
                }
                HELD.remove(file);
            }
        }
    }

    private static boolean isLocked(FileChannel channel) throws IOException {
        try {
            FileLock lock = channel.tryLock();
            return lock != null;
        } catch (OverlappingFileLockException e) {
            // This class was loaded twice.
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            channel.close();
        } finally {
            HELD.remove(file);
        }
    }
}
