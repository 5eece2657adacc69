package dev.tenon.hub;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.formats.ChecksumException;
import dev.tenon.formats.ModelFileException;
import dev.tenon.hub.HubException.Reason;
import dev.tenon.hub.Requests.Answer;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One revision of a repository of models at Hugging Face. Immutable and safe for any number of threads and processes.
 *
 * <p>A revision that is a commit, 40 hexadecimal digits, always stands for the same files, and those that the cache has need no
 * network. A branch or tag stands for the commit of the last download; with {@link HubOptions#download}, the server is asked for its
 * commit in each call.
 *
 * <p>The checksum of a file that comes is compared with the one that the caller states, and with the one by which Hugging Face
 * knows it, SHA-256 of a large file and SHA-1 of Git of a small one. A file that the cache has is compared if the caller states a
 * checksum, which takes about a second for each GiB.
 */
public final class HuggingFace {
    private static final Pattern ETAG = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}");

    private final String repository;
    private final String revision;
    private final HubOptions options;
    private final HubCache cache;

    HuggingFace(String repository, String revision, HubOptions options) {
        this.repository = HubCache.repository(repository);
        this.revision = HubCache.inside("revision of " + repository, revision);
        this.options = options;
        this.cache = HubCache.of(repository, options);
    }

    /**
     * A file as the server describes it.
     *
     * @param commit the commit that the revision is
     * @param etag the name of its blob
     * @param content the file
     */
    private record Known(String commit, String etag, Content content) {}

    /**
     * A file whose checksum nobody states.
     *
     * @param path its path in the repository
     * @return the file in the cache, a link where there can be one; it must not be changed
     * @throws HubException if it can't be had
     * @throws ChecksumException if what came is not what the server announced
     * @throws ModelFileException if the cache can't be read or written
     * @throws InvalidOptionException if the path leads out of the repository
     */
    public Path file(String path) {
        return files(path).resolve(path);
    }

    /**
     * A file with a checksum.
     *
     * @param path its path in the repository
     * @param sha256 64 hexadecimal digits, which the page of the file shows at Hugging Face
     * @return the file in the cache, a link where there can be one; it must not be changed
     * @throws HubException if it can't be had
     * @throws ChecksumException if it has another checksum, in the cache or on the server
     * @throws ModelFileException if the cache can't be read or written
     * @throws InvalidOptionException if the path leads out of the repository, or the checksum is none
     */
    public Path file(String path, String sha256) {
        return files(Map.of(path, sha256)).resolve(path);
    }

    /**
     * Files of one commit whose checksums nobody states.
     *
     * @param paths their paths in the repository
     * @return the folder of the commit in the cache, which {@code Model.load} takes. It has all files of this commit that ever came.
     * @throws HubException if one of them can't be had
     * @throws ChecksumException if what came is not what the server announced
     * @throws ModelFileException if the cache can't be read or written
     * @throws InvalidOptionException if a path leads out of the repository, or there is none
     */
    public Path files(String... paths) {
        Map<String, String> files = new LinkedHashMap<>();
        for (String path : paths) {
            files.put(HubCache.inside("path in " + repository, path), "");
        }
        return fetch(files);
    }

    /**
     * Files of one commit with checksums. {@code LoadOptions.sha256} takes the same map, and compares them again while the model is loaded.
     *
     * @param sha256 checksums by paths in the repository
     * @return the folder of the commit in the cache, which {@code Model.load} takes. It has all files of this commit that ever came.
     * @throws HubException if one of them can't be had
     * @throws ChecksumException if one has another checksum, in the cache or on the server
     * @throws ModelFileException if the cache can't be read or written
     * @throws InvalidOptionException if a path leads out of the repository, there is none, or a checksum is none
     */
    public Path files(Map<String, String> sha256) {
        Map<String, String> files = new LinkedHashMap<>();
        sha256.forEach((path, checksum) ->
                files.put(HubCache.inside("path in " + repository, path), Checksums.sha256(path, checksum)));
        return fetch(Collections.unmodifiableMap(files));
    }

    private Path fetch(Map<String, String> files) {
        if (files.isEmpty()) {
            throw new InvalidOptionException("files of " + repository, "none", "one file or more", null);
        }
        try {
            boolean isPinned = Checksums.GIT.matcher(revision).matches();
            return options.isDownload() && !(isPinned && areCached(files)) ? downloaded(files) : cached(files);
        } catch (IOException e) {
            throw HubCache.failure("files of " + repository, cache.folder(), e);
        }
    }

    private String name(String path) {
        return "'" + path + "' of " + repository + " at " + revision;
    }

    /** Whether the files of a commit are all there, as they should be. */
    private boolean areCached(Map<String, String> files) throws IOException {
        for (Map.Entry<String, String> file : files.entrySet()) {
            if (!isThere(cache.snapshot(revision).resolve(file.getKey()), file.getValue())) {
                return false;
            }
        }
        return true;
    }

    private static boolean isThere(Path file, String sha256) throws IOException {
        return Files.isRegularFile(file)
                && (sha256.isEmpty() || Checksums.sha256(file).equals(sha256));
    }

    private Path cached(Map<String, String> files) throws IOException {
        Optional<Path> snapshot = cache.commit(revision).map(cache::snapshot);
        for (Map.Entry<String, String> file : files.entrySet()) {
            Path pointer = snapshot.map(folder -> folder.resolve(file.getKey())).orElse(null);
            if (pointer == null || !Files.isRegularFile(pointer)) {
                throw offline(name(file.getKey()), "not in the cache " + cache.root());
            }
            if (!file.getValue().isEmpty()) {
                new Content(name(file.getKey()) + " in the cache", options.endpoint(), file.getValue(), "", -1)
                        .require(pointer);
            }
        }
        return snapshot.orElseThrow();
    }

    static HubException offline(String thing, String found) {
        return new HubException(
                Reason.OFFLINE,
                thing,
                found,
                "files of the cache, because HubOptions.download is false",
                "pass HubOptions.standard().download(true), or put the file into the cache by a tool of Hugging Face");
    }

    private Path downloaded(Map<String, String> files) throws IOException {
        refuseOffline(
                System.getenv("HF_HUB_OFFLINE"), name(files.keySet().iterator().next()));
        try (Requests requests = new Requests(options)) {
            String commit = revision;
            for (Map.Entry<String, String> file : files.entrySet()) {
                Known known = known(requests, file.getKey(), commit, file.getValue());
                commit = known.commit();
                store(requests, known, file.getKey(), file.getValue());
            }
            // Only now: a reader without the network finds all files of the commit, or those of the one before.
            cache.note(revision, commit);
            return cache.snapshot(commit);
        }
    }

    static void refuseOffline(String variable, String thing) {
        if (variable != null && variable.toUpperCase(Locale.ROOT).matches("1|ON|YES|TRUE")) {
            throw new HubException(
                    Reason.OFFLINE,
                    thing,
                    "HF_HUB_OFFLINE=" + variable,
                    "downloads, which that forbids",
                    "unset the environment variable, or use HubOptions.download(false)");
        }
    }

    private Known known(Requests requests, String path, String commit, String sha256) {
        String thing = name(path);
        URI address = address(commit, path);
        for (int failures = 1; ; failures++) {
            try (Answer answer = requests.send("HEAD", thing, address, Map.of())) {
                return known(answer, path, commit, sha256);
            } catch (TransientException e) {
                requests.await(failures, e);
            }
        }
    }

    private Known known(Answer answer, String path, String asked, String sha256) {
        String thing = name(path);
        String commit = answer.header("x-repo-commit").orElse("");
        boolean isPinned = Checksums.GIT.matcher(asked).matches();
        if (!Checksums.GIT.matcher(commit).matches() || isPinned && !commit.equals(asked)) {
            throw contradiction(
                    thing,
                    "no X-Repo-Commit, or another commit than asked for",
                    "the commit of the file in X-Repo-Commit");
        }
        String etag = answer.header("x-linked-etag")
                .or(() -> answer.header("etag"))
                .orElse("")
                .replaceFirst("^W/", "")
                .replace("\"", "");
        if (!ETAG.matcher(etag).matches()) {
            throw contradiction(thing, "no ETag, or one that can't be the name of a file", "an ETag, or X-Linked-Etag");
        }
        boolean isSha256 = Checksums.SHA256.matcher(etag).matches();
        boolean isGit = Checksums.GIT.matcher(etag).matches();
        if (!isSha256 && !isGit && sha256.isEmpty()) {
            throw contradiction(
                    thing, "an ETag that is no checksum", "SHA-256 or SHA-1 of Git, or a checksum of the caller's");
        }
        if (isSha256 && !sha256.isEmpty() && !etag.equals(sha256)) {
            throw new ChecksumException(thing + " on the server", etag, sha256);
        }
        long size = answer.number("x-linked-size");
        Content content = new Content(
                thing,
                address(commit, path),
                isSha256 ? etag : sha256,
                isGit ? etag : "",
                size >= 0 ? size : answer.number("content-length"));
        return new Known(commit, etag, content);
    }

    private HubException contradiction(String thing, String found, String allowed) {
        return new HubException(
                Reason.CONTRADICTION,
                thing,
                Addresses.text(options.endpoint()) + " answers with " + found,
                allowed,
                "check HubOptions.endpoint: it must be Hugging Face or a mirror of it; for other servers there is Hub.http");
    }

    private URI address(String commit, String path) {
        String base = options.endpoint().toString().replaceFirst("/+$", "");
        return URI.create(base + "/" + repository + "/resolve/" + encoded(commit) + "/"
                + String.join(
                        "/",
                        Stream.of(path.split("/")).map(HuggingFace::encoded).toList()));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private void store(Requests requests, Known known, String path, String sha256) throws IOException {
        Path pointer = cache.snapshot(known.commit()).resolve(path);
        Path blob = cache.blob(known.etag());
        if (isThere(pointer, sha256)) {
            return;
        }
        try (CacheLock _ = CacheLock.acquire(
                cache.lock(known.etag()), requests.deadline(), known.content().name())) {
            if (isThere(pointer, sha256)) {
                return;
            }
            boolean isNew = !isBlob(blob, known.content(), sha256);
            if (isNew) {
                new Transfer(requests, known.content(), blob).run();
            }
            cache.link(blob, isNew, pointer);
        }
    }

    /** Whether a blob is there, with the length that the server tells, and the checksum if the caller stated one. */
    private static boolean isBlob(Path blob, Content content, String sha256) throws IOException {
        return isThere(blob, sha256) && (content.size() < 0 || Files.size(blob) == content.size());
    }
}
