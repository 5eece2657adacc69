package dev.tenon.hub;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;

/** Downloads one file in a process of its own: address, checksum, cache. */
final class HubProcess {
    private HubProcess() {}

    /**
     * Prints where the file is.
     *
     * @param arguments address, checksum and cache
     */
    public static void main(String[] arguments) {
        HubOptions options = HubOptions.standard()
                .download(true)
                .cache(Path.of(arguments[2]))
                .backoff(Duration.ofMillis(1));
        System.out.println(Hub.http(URI.create(arguments[0]), arguments[1], options));
    }
}
