package dev.tenon.hub;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.options.Settings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where files come from and how. Immutable and safe for any number of threads; each setter returns new options. No option is read from
 * the environment but the folder of the cache, and {@code HF_HUB_OFFLINE}, which forbids what {@link #download} allows.
 *
 * <pre>{@code
 * HubOptions options = HubOptions.standard().download(true).progress(System.out::println);
 * }</pre>
 */
public final class HubOptions {
    /** Longer times are as good as none. */
    private static final Duration LONGEST = Duration.ofDays(3650);

    private static final HubOptions STANDARD = new HubOptions(new Values());

    private static final class Values extends Settings<Values> {
        private boolean download;
        /** Null for none. */
        private String token;

        private URI endpoint = URI.create("https://huggingface.co");
        /** Null for the folder that the environment says. */
        private Path cache;

        private Duration timeout = Duration.ofSeconds(30);
        private Duration timeLimit = Duration.ofHours(6);
        private int retries = 5;
        private Duration backoff = Duration.ofMillis(500);
        private long maxBytes = 1L << 36;
        private boolean symbolicLinks = true;
        private Consumer<? super DownloadProgress> progress = report -> {};
    }

    private final Values settings;

    private HubOptions(Values settings) {
        this.settings = settings;
    }

    private HubOptions with(Consumer<Values> change) {
        return new HubOptions(settings.with(change));
    }

    /**
     * The standard options: the cache alone, without the network; 30 seconds of silence, 6 hours, 5 retries, 64 GiB a file.
     *
     * @return the options
     */
    public static HubOptions standard() {
        return STANDARD;
    }

    /**
     * Allows the network for files that the cache does not have, and for asking which commit a branch or tag is.
     *
     * @param allowed whether it is allowed; false by default
     * @return new options
     */
    public HubOptions download(boolean allowed) {
        return with(s -> s.download = allowed);
    }

    /**
     * Sets the token that the server asks for. It goes to the host of the endpoint or of the address, and to no host to which that
     * redirects. No environment variable and no file is looked at for one.
     *
     * @param secret the token
     * @return new options
     * @throws InvalidOptionException if it has characters that a header can't have; the message does not have the token
     */
    public HubOptions token(String secret) {
        if (secret.isEmpty() || !secret.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new InvalidOptionException(
                    "HubOptions.token", "a text of other characters, or none", "visible characters of ASCII", null);
        }
        return with(s -> s.token = secret);
    }

    /**
     * Sets the server that stands in the place of https://huggingface.co, such as a mirror.
     *
     * @param server its address, with {@code http} or {@code https}; {@code HF_ENDPOINT} is not looked at
     * @return new options
     * @throws InvalidOptionException if it is no such address
     */
    public HubOptions endpoint(URI server) {
        Addresses.check("HubOptions.endpoint", server);
        if (server.getRawQuery() != null || server.getRawFragment() != null) {
            throw new InvalidOptionException(
                    "HubOptions.endpoint", "an address with a query or fragment", "scheme, host and path", null);
        }
        return with(s -> s.endpoint = server);
    }

    /**
     * Sets the folder of the cache. Without it, it is that of Python's huggingface_hub for Hugging Face, and {@code tenon} in
     * {@code $XDG_CACHE_HOME} or {@code ~/.cache} for other servers.
     *
     * @param folder the folder, which is made if need be
     * @return new options
     */
    public HubOptions cache(Path folder) {
        Objects.requireNonNull(folder, "folder");
        return with(s -> s.cache = folder);
    }

    /**
     * Sets how long a server may take to be reached, to answer, and to send the next KiB. After that the request is tried again.
     *
     * @param silence more than zero
     * @return new options
     * @throws InvalidOptionException if it is not
     */
    public HubOptions timeout(Duration silence) {
        return with(s -> s.timeout = positive("HubOptions.timeout", silence));
    }

    /**
     * Sets how long one call may take, with all its files, retries and waiting.
     *
     * @param limit more than zero
     * @return new options
     * @throws InvalidOptionException if it is not
     */
    public HubOptions timeLimit(Duration limit) {
        return with(s -> s.timeLimit = positive("HubOptions.timeLimit", limit));
    }

    /**
     * Sets how often a request is repeated that failed for a reason that may pass. The count starts anew after each MiB that came.
     *
     * @param count at least 0
     * @return new options
     * @throws InvalidOptionException if it is less
     */
    public HubOptions retries(int count) {
        if (count < 0) {
            throw new InvalidOptionException("HubOptions.retries", Integer.toString(count), "0 or more", null);
        }
        return with(s -> s.retries = count);
    }

    /**
     * Sets the time before the first retry. It doubles with each, up to 30 seconds, and varies by a quarter. If the server asks for a
     * longer time, that is taken, up to 5 minutes.
     *
     * @param first more than zero
     * @return new options
     * @throws InvalidOptionException if it is not
     */
    public HubOptions backoff(Duration first) {
        return with(s -> s.backoff = positive("HubOptions.backoff", first));
    }

    /**
     * Sets how large a file may be.
     *
     * @param bytes at least 1
     * @return new options
     * @throws InvalidOptionException if it is less
     */
    public HubOptions maxBytes(long bytes) {
        if (bytes < 1) {
            throw new InvalidOptionException("HubOptions.maxBytes", Long.toString(bytes), "1 or more", null);
        }
        return with(s -> s.maxBytes = bytes);
    }

    /**
     * Sets whether snapshots may have symbolic links to their files. Where links can't be made, as for most users of Windows, they are
     * files in any case, as Python's huggingface_hub makes them.
     *
     * @param allowed whether links are made where it is possible; true by default
     * @return new options
     */
    public HubOptions symbolicLinks(boolean allowed) {
        return with(s -> s.symbolicLinks = allowed);
    }

    /**
     * Sets who is told of progress, on the thread of the call. If it throws an exception, the download ends with that.
     *
     * @param listener gets a report several times a second
     * @return new options
     */
    public HubOptions progress(Consumer<? super DownloadProgress> listener) {
        Objects.requireNonNull(listener, "listener");
        return with(s -> s.progress = listener);
    }

    private static Duration positive(String option, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new InvalidOptionException(option, value.toString(), "more than 0", null);
        }
        return value.compareTo(LONGEST) > 0 ? LONGEST : value;
    }

    /** {@return whether the network may be used} */
    public boolean isDownload() {
        return settings.download;
    }

    /** {@return the server in the place of https://huggingface.co} */
    public URI endpoint() {
        return settings.endpoint;
    }

    /** {@return the folder of the cache, empty for the one that the environment says} */
    public Optional<Path> cache() {
        return Optional.ofNullable(settings.cache);
    }

    /** {@return how long a server may be silent} */
    public Duration timeout() {
        return settings.timeout;
    }

    /** {@return how long a call may take} */
    public Duration timeLimit() {
        return settings.timeLimit;
    }

    /** {@return how often a request is repeated} */
    public int retries() {
        return settings.retries;
    }

    /** {@return the time before the first retry} */
    public Duration backoff() {
        return settings.backoff;
    }

    /** {@return how large a file may be} */
    public long maxBytes() {
        return settings.maxBytes;
    }

    /** {@return whether links are made where it is possible} */
    public boolean isSymbolicLinks() {
        return settings.symbolicLinks;
    }

    /** {@return who is told of progress} */
    public Consumer<? super DownloadProgress> progress() {
        return settings.progress;
    }

    /** The token, which nobody else needs to read. */
    Optional<String> token() {
        return Optional.ofNullable(settings.token);
    }
}
