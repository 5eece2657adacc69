package dev.tenon.hub;

import dev.tenon.hub.FaultyServer.Reply;
import dev.tenon.hub.FaultyServer.Request;
import java.io.IOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Answers as Hugging Face does for one repository, {@code org/name}: small files from the hub itself, by their SHA-1 of Git; large ones
 * from a store on another port, by their SHA-256, at a signed address.
 */
final class HubServer implements AutoCloseable {
    static final String REPOSITORY = "org/name";
    static final String FIRST = "1".repeat(40);
    static final String SECOND = "2".repeat(40);

    /** Files from this size on are in the store. */
    private static final int LARGE = 1000;

    private final FaultyServer store;
    private final FaultyServer hub;
    private final Map<String, byte[]> files = new TreeMap<>();
    private final Map<String, byte[]> stored = new TreeMap<>();

    /** The commit of the branch {@code main}. */
    private volatile String main = FIRST;

    /** Changes answers about files. */
    private volatile UnaryOperator<Reply> fault = UnaryOperator.identity();

    HubServer() {
        store = new FaultyServer((request, number) -> {
            byte[] bytes = stored.get(request.target().replaceAll("^/|\\?.*", ""));
            return bytes == null ? Reply.status(404) : fault.apply(Reply.file(request, bytes, "\"store-tag\""));
        });
        hub = new FaultyServer((request, number) -> answer(request));
    }

    /** Adds a file to a commit. */
    void add(String commit, String path, byte[] bytes) {
        files.put(commit + "/" + path, bytes);
        stored.put(sha256(bytes), bytes);
    }

    void main(String commit) {
        main = commit;
    }

    void fault(UnaryOperator<Reply> change) {
        fault = change;
    }

    /** Sends other bytes under the address of a large file. */
    void exchange(byte[] announced, byte[] sent) {
        stored.put(sha256(announced), sent);
    }

    URI uri() {
        return hub.uri("");
    }

    List<Request> requests() {
        return hub.requests();
    }

    List<Request> storeRequests() {
        return store.requests();
    }

    private Reply answer(Request request) {
        String[] parts = request.target().split("/resolve/", 2);
        if (parts.length < 2 || !parts[0].equals("/" + REPOSITORY)) {
            return Reply.status(401).header("X-Error-Code", "RepoNotFound");
        }
        String[] rest = parts[1].split("/", 2);
        String revision = URLDecoder.decode(rest[0], StandardCharsets.UTF_8);
        String commit = revision.equals("main") || revision.equals("refs/pr/1") ? main : revision;
        byte[] bytes = files.get(commit + "/" + URLDecoder.decode(rest[1], StandardCharsets.UTF_8));
        if (bytes == null) {
            return Reply.status(404).header("X-Error-Code", "EntryNotFound").header("X-Repo-Commit", commit);
        }
        if (bytes.length < LARGE) {
            return fault.apply(
                    Reply.file(request, bytes, "\"" + git(bytes) + "\"").header("X-Repo-Commit", commit));
        }
        String sha256 = sha256(bytes);
        return fault.apply(Reply.status(302)
                .header("X-Repo-Commit", commit)
                .header("X-Linked-Etag", "\"" + sha256 + "\"")
                .header("X-Linked-Size", Integer.toString(bytes.length))
                .header(
                        "location",
                        store.uri("/" + sha256 + "?Signature=SECRET").toString()));
    }

    static String sha256(byte[] bytes) {
        return digest("SHA-256", bytes);
    }

    static String git(byte[] bytes) {
        byte[] head = ("blob " + bytes.length + "\0").getBytes(StandardCharsets.US_ASCII);
        byte[] all = new byte[head.length + bytes.length];
        System.arraycopy(head, 0, all, 0, head.length);
        System.arraycopy(bytes, 0, all, head.length, bytes.length);
        return digest("SHA-1", all);
    }

    private static String digest(String algorithm, byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance(algorithm).digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws IOException {
        hub.close();
        store.close();
    }
}
