package dev.tenon.formats;

import java.io.IOException;
import java.io.InputStream;

/**
 * Opens a stream: a resource of a class path, an entry of an archive, an object of a store. A {@code Resource} of Spring is one
 * by {@code resource::getInputStream}.
 */
@FunctionalInterface
public interface StreamSource {
    /**
     * Opens the stream. Whoever calls this closes it.
     *
     * @return the stream at its start; null if there is none, as of {@link Class#getResourceAsStream}
     * @throws IOException if it can't be opened
     */
    InputStream open() throws IOException;
}
