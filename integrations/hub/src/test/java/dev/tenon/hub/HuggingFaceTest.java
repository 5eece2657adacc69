package dev.tenon.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tenon.LoadOptions;
import dev.tenon.Model;
import dev.tenon.SaveOptions;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.TenonException;
import dev.tenon.formats.ChecksumException;
import dev.tenon.formats.ExternalDataPolicy;
import dev.tenon.graph.GraphText;
import dev.tenon.graph.control.StandardOperators;
import dev.tenon.hub.FaultyServer.Reply;
import dev.tenon.hub.HubException.Reason;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The cache of Hugging Face as its documentation lays it out, filled from a server that answers as Hugging Face does. */
@Timeout(120)
class HuggingFaceTest {
    private static final byte[] CONFIG = "{\"a\": 1}".getBytes(StandardCharsets.UTF_8);
    private static final byte[] WEIGHTS = new byte[50_000];

    static {
        new SplittableRandom(5).nextBytes(WEIGHTS);
    }

    @TempDir
    private Path cache;

    private HubServer server;
    private HubOptions options;

    @BeforeEach
    void start() {
        server = new HubServer();
        server.add(HubServer.FIRST, "config.json", CONFIG);
        server.add(HubServer.FIRST, "onnx/weights.bin", WEIGHTS);
        options = HubOptions.standard()
                .download(true)
                .endpoint(server.uri())
                .cache(cache)
                .retries(2)
                .backoff(Duration.ofMillis(1));
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private HuggingFace hub(String revision) {
        return Hub.huggingFace(HubServer.REPOSITORY, revision, options);
    }

    private HuggingFace offline(String revision) {
        return Hub.huggingFace(HubServer.REPOSITORY, revision, options.download(false));
    }

    private Path repository() {
        return cache.resolve("models--org--name");
    }

    private Path snapshot(String commit) {
        return repository().resolve("snapshots").resolve(commit);
    }

    private static HubException failure(Reason reason, ThrowingCallable call) {
        HubException e = catchThrowableOfType(HubException.class, call);
        assertThat(e).isNotNull();
        assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason);
        return e;
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.walk(cache)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> cache.relativize(file).toString().replace('\\', '/'))
                    .sorted()
                    .toList();
        }
    }

    @Test
    void theLayoutIsThatOfThePage() throws IOException {
        Path folder = hub("main").files("config.json", "onnx/weights.bin");
        assertThat(folder).isEqualTo(snapshot(HubServer.FIRST));
        assertThat(folder.resolve("config.json")).hasBinaryContent(CONFIG);
        assertThat(folder.resolve("onnx/weights.bin")).hasBinaryContent(WEIGHTS);
        assertThat(Files.readSymbolicLink(folder.resolve("config.json")))
                .isEqualTo(Path.of("../../blobs/" + HubServer.git(CONFIG)));
        assertThat(Files.readSymbolicLink(folder.resolve("onnx/weights.bin")))
                .isEqualTo(Path.of("../../../blobs/" + HubServer.sha256(WEIGHTS)));
        assertThat(repository().resolve("refs/main")).hasContent(HubServer.FIRST);
        assertThat(Files.size(repository().resolve("refs/main"))).isEqualTo(40);
        assertThat(files())
                .containsExactly(
                        ".locks/models--org--name/" + HubServer.sha256(WEIGHTS) + ".lock",
                        ".locks/models--org--name/" + HubServer.git(CONFIG) + ".lock",
                        "models--org--name/blobs/" + HubServer.sha256(WEIGHTS),
                        "models--org--name/blobs/" + HubServer.git(CONFIG),
                        "models--org--name/refs/main",
                        "models--org--name/snapshots/" + HubServer.FIRST + "/config.json",
                        "models--org--name/snapshots/" + HubServer.FIRST + "/onnx/weights.bin");
        assertThat(offline("main").files("config.json", "onnx/weights.bin")).isEqualTo(folder);
        assertThat(offline(HubServer.FIRST).file("config.json")).isEqualTo(folder.resolve("config.json"));
    }

    /** As Python's huggingface_hub leaves it; the layout is copied from the page, not from what this module writes. */
    @Test
    void aCacheThatPythonMadeIsRead() throws IOException {
        Path made = Files.createDirectories(snapshot("abcdef0123".repeat(4)));
        Path blobs = Files.createDirectories(repository().resolve("blobs"));
        Files.write(blobs.resolve("d7edf6bd2a681fb0175f7735299831ee1b22b812"), CONFIG);
        Files.createSymbolicLink(
                made.resolve("config.json"), Path.of("../../blobs/d7edf6bd2a681fb0175f7735299831ee1b22b812"));
        Files.writeString(
                Files.createDirectories(repository().resolve("refs/refs/pr")).resolve("1"), "abcdef0123".repeat(4));
        assertThat(offline("refs/pr/1").file("config.json", HubServer.sha256(CONFIG)))
                .isEqualTo(made.resolve("config.json"));
        assertThat(server.requests()).isEmpty();
    }

    @Test
    void aBlobOfGitHasItsName() throws IOException {
        Path file = Files.write(cache.resolve("file"), "what is up, doc?".getBytes(StandardCharsets.UTF_8));
        // The example of the book "Pro Git", chapter "Git Internals - Git Objects".
        assertThat(Checksums.git(file)).isEqualTo("bd9dbf5aae1a3862dd1526723246b20206e5fc37");
    }

    @Test
    void withoutDownloadNothingIsAsked() throws IOException {
        HubException e = failure(Reason.OFFLINE, () -> offline("main").file("config.json"));
        assertThat(e)
                .hasMessageContaining("'config.json' of org/name at main")
                .hasMessageContaining("HubOptions.standard().download(true)");
        assertThat(server.requests()).isEmpty();
        assertThat(files()).isEmpty();
        assertThat(catchThrowableOfType(HubException.class, () -> HuggingFace.refuseOffline("1", "x"))
                        .reason())
                .isEqualTo(Reason.OFFLINE);
        HuggingFace.refuseOffline(null, "x");
        HuggingFace.refuseOffline("0", "x");
    }

    @Test
    void aPinnedCommitNeedsNoNetworkTwice() {
        hub(HubServer.FIRST).files("config.json");
        int requests = server.requests().size();
        hub(HubServer.FIRST).files("config.json");
        assertThat(server.requests()).hasSize(requests);
        hub(HubServer.FIRST).files("config.json", "onnx/weights.bin");
        assertThat(server.storeRequests()).hasSize(1);
        assertThat(repository().resolve("refs")).doesNotExist();
    }

    @Test
    void aBranchMovesOnlyWhenAllFilesAreThere() throws IOException {
        hub("main").files("config.json", "onnx/weights.bin");
        server.add(HubServer.SECOND, "config.json", CONFIG);
        server.main(HubServer.SECOND);
        HubException e = failure(Reason.NOT_FOUND, () -> hub("main").files("config.json", "onnx/weights.bin"));
        assertThat(e).hasMessageContaining("EntryNotFound");
        assertThat(offline("main").files("config.json", "onnx/weights.bin")).isEqualTo(snapshot(HubServer.FIRST));
        server.add(HubServer.SECOND, "onnx/weights.bin", WEIGHTS);
        assertThat(hub("main").files("config.json", "onnx/weights.bin")).isEqualTo(snapshot(HubServer.SECOND));
        assertThat(offline("main").file("config.json"))
                .isEqualTo(snapshot(HubServer.SECOND).resolve("config.json"));
        assertThat(server.storeRequests())
                .as("the same bytes are not sent twice")
                .hasSize(1);
        assertThat(hub("refs/pr/1").file("config.json")).exists();
        assertThat(repository().resolve("refs/refs/pr/1")).hasContent(HubServer.SECOND);
    }

    @Test
    void withoutLinksFilesAreFiles() throws IOException {
        options = options.symbolicLinks(false);
        Path folder = hub("main").files("config.json", "onnx/weights.bin");
        for (String name : List.of("config.json", "onnx/weights.bin")) {
            assertThat(Files.isSymbolicLink(folder.resolve(name))).isFalse();
        }
        assertThat(folder.resolve("onnx/weights.bin")).hasBinaryContent(WEIGHTS);
        int requests = server.storeRequests().size();
        hub("main").files("config.json", "onnx/weights.bin");
        assertThat(server.storeRequests()).hasSize(requests);
    }

    @Test
    void theTokenGoesToTheHubAlone() {
        options = options.token("hf_token");
        hub("main").files("onnx/weights.bin");
        assertThat(server.requests())
                .isNotEmpty()
                .allSatisfy(
                        request -> assertThat(request.header("authorization")).isEqualTo("Bearer hf_token"));
        assertThat(server.storeRequests())
                .isNotEmpty()
                .allSatisfy(request -> assertThat(request.headers()).doesNotContainKey("authorization"));
    }

    @Test
    void wrongChecksumsAreFoundBeforeAndAfter() throws IOException {
        ChecksumException before = catchThrowableOfType(
                ChecksumException.class, () -> hub("main").file("onnx/weights.bin", HubServer.sha256(CONFIG)));
        assertThat(before.found()).contains(HubServer.sha256(WEIGHTS));
        assertThat(before.allowed()).isEqualTo(HubServer.sha256(CONFIG));
        assertThat(server.storeRequests()).isEmpty();
        assertThatThrownBy(() -> hub("main").file("config.json", HubServer.sha256(WEIGHTS)))
                .isInstanceOf(ChecksumException.class);
        assertThat(hub("main").file("config.json", HubServer.sha256(CONFIG))).hasBinaryContent(CONFIG);
        byte[] other = WEIGHTS.clone();
        other[7] ^= 1;
        server.exchange(WEIGHTS, other);
        assertThatThrownBy(() -> hub("main").file("onnx/weights.bin"))
                .isInstanceOf(ChecksumException.class)
                .hasMessageContaining(HubServer.sha256(other));
        assertThat(snapshot(HubServer.FIRST).resolve("onnx/weights.bin")).doesNotExist();
        assertThat(repository().resolve("blobs").resolve(HubServer.sha256(WEIGHTS)))
                .doesNotExist();
    }

    @Test
    void smallFilesAreComparedByTheirNameInGit() {
        server.fault(reply -> reply.header("etag", "\"" + HubServer.git(WEIGHTS) + "\""));
        assertThatThrownBy(() -> hub("main").file("config.json"))
                .isInstanceOf(ChecksumException.class)
                .hasMessageContaining(HubServer.git(CONFIG))
                .hasMessageContaining(HubServer.git(WEIGHTS));
    }

    @Test
    void aDamagedFileOfTheCacheIsRefusedOrReplaced() throws IOException {
        String sha256 = HubServer.sha256(WEIGHTS);
        Files.write(hub("main").file("onnx/weights.bin", sha256), new byte[WEIGHTS.length]);
        assertThatThrownBy(() -> offline("main").file("onnx/weights.bin", sha256))
                .isInstanceOf(ChecksumException.class);
        for (String revision : List.of("main", HubServer.FIRST)) {
            assertThat(hub(revision).file("onnx/weights.bin", sha256)).hasBinaryContent(WEIGHTS);
            assertThat(Files.isSymbolicLink(snapshot(HubServer.FIRST).resolve("onnx/weights.bin")))
                    .isTrue();
            Files.write(snapshot(HubServer.FIRST).resolve("onnx/weights.bin"), new byte[3]);
        }
    }

    @Test
    void aLinkWithoutItsBlobIsMended() throws IOException {
        Path file = hub("main").file("onnx/weights.bin");
        Files.delete(repository().resolve("blobs").resolve(HubServer.sha256(WEIGHTS)));
        failure(Reason.OFFLINE, () -> offline("main").file("onnx/weights.bin"));
        assertThat(hub(HubServer.FIRST).file("onnx/weights.bin"))
                .isEqualTo(file)
                .hasBinaryContent(WEIGHTS);
    }

    @Test
    void aLargeFileIsResumedThroughTheHub() {
        options = options.retries(0);
        server.fault(reply -> reply.cut(20_000));
        failure(Reason.UNREACHABLE, () -> hub("main").file("onnx/weights.bin"));
        int before = server.storeRequests().size();
        server.fault(reply -> reply);
        assertThat(hub("main").file("onnx/weights.bin")).hasBinaryContent(WEIGHTS);
        assertThat(server.storeRequests().get(before).from()).isPositive();
        assertThat(server.storeRequests().get(before).header("if-range")).isEqualTo("\"store-tag\"");
    }

    @Test
    void answersThatAreNotOfHuggingFaceAreTyped() throws IOException {
        for (Reply reply : List.of(
                Reply.status(200).body(CONFIG),
                Reply.status(200)
                        .body(CONFIG)
                        .header("X-Repo-Commit", "../../x")
                        .header("etag", "\"a\""),
                Reply.status(200).body(CONFIG).header("X-Repo-Commit", HubServer.FIRST),
                Reply.status(200)
                        .body(CONFIG)
                        .header("X-Repo-Commit", HubServer.FIRST)
                        .header("etag", "\"../../x\""),
                Reply.status(200)
                        .body(CONFIG)
                        .header("X-Repo-Commit", HubServer.FIRST)
                        .header("etag", "\"\""),
                Reply.status(200)
                        .body(CONFIG)
                        .header("X-Repo-Commit", HubServer.FIRST)
                        .header("etag", "\"md5\""))) {
            server.fault(other -> reply);
            failure(Reason.CONTRADICTION, () -> hub("main").file("config.json"));
        }
        server.fault(reply -> reply.header("X-Repo-Commit", HubServer.SECOND));
        failure(Reason.CONTRADICTION, () -> hub(HubServer.FIRST).file("config.json"));
        assertThat(files()).isEmpty();
    }

    @Test
    void aMirrorWithoutChecksumsServesWhoStatesOne() {
        server.fault(reply -> reply.header("etag", "\"md5-of-a-store\""));
        assertThat(hub("main").file("config.json", HubServer.sha256(CONFIG))).hasBinaryContent(CONFIG);
    }

    @Test
    void refusalsNameTheRepository() {
        HubException e = failure(
                Reason.DENIED,
                () -> Hub.huggingFace("org/other", "main", options).file("config.json"));
        assertThat(e)
                .hasMessageContaining("RepoNotFound")
                .hasMessageContaining("HubOptions.token")
                .hasMessageContaining("org/other");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "..",
                "../x",
                "x/../../y",
                "/etc/passwd",
                "x//y",
                "x/",
                ".",
                "x\\y",
                "C:x",
                "x\0",
                "x\ny",
                "x/./y"
            })
    void pathsThatLeadOutAreRefused(String path) throws IOException {
        assertThatThrownBy(() -> hub("main").file(path)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> hub("main").files(Map.of(path, HubServer.sha256(CONFIG))))
                .isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> hub(path)).isInstanceOf(InvalidOptionException.class);
        assertThat(files()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b/c", "../b", "a/..", "a--b/c", "-a/b", "a/b.", "a b/c", "a/", "/a", ".a/b", "a\\b"})
    void otherRepositoriesAreRefused(String name) {
        assertThatThrownBy(() -> Hub.huggingFace(name, "main")).isInstanceOf(InvalidOptionException.class);
    }

    @Test
    void noFilesAreRefused() {
        assertThatThrownBy(() -> hub("main").files()).isInstanceOf(InvalidOptionException.class);
    }

    @Test
    void theFolderIsThatOfTheEnvironment() {
        Path home = Path.of("home");
        assertThat(HubCache.root(Map.of(), home)).isEqualTo(Path.of("home/.cache/huggingface/hub"));
        assertThat(HubCache.root(Map.of("XDG_CACHE_HOME", "/x"), home)).isEqualTo(Path.of("/x/huggingface/hub"));
        assertThat(HubCache.root(Map.of("HF_HOME", "~/hf", "XDG_CACHE_HOME", "/x"), home))
                .isEqualTo(Path.of("home/hf/hub"));
        assertThat(HubCache.root(Map.of("HUGGINGFACE_HUB_CACHE", "/old", "HF_HOME", "/hf"), home))
                .isEqualTo(Path.of("/old"));
        assertThat(HubCache.root(Map.of("HF_HUB_CACHE", "/new", "HUGGINGFACE_HUB_CACHE", "/old"), home))
                .isEqualTo(Path.of("/new"));
    }

    @Test
    void aModelWithTensorsInASecondFileLoadsFromTheSnapshot() throws IOException {
        Path made = Files.createDirectories(cache.resolve("made"));
        String text = """
            graph twice(%x: f32[batch,2000]) {
              %weights = const f32[2000] @weights
              %y = Mul(%x, %weights)
              return %y
            }
            """;
        Model model =
                Model.of(GraphText.parse(text, StandardOperators.set(), name -> Tensor.of(new float[2000], 2000)));
        model.save(made.resolve("model.onnx"), SaveOptions.standard().externalData(ExternalDataPolicy.atLeast(1)));
        try (Stream<Path> files = Files.list(made)) {
            for (Path file : files.toList()) {
                server.add(HubServer.FIRST, "onnx/" + file.getFileName(), Files.readAllBytes(file));
            }
        }
        Map<String, String> sha256 = Map.of(
                "onnx/model.onnx", HubServer.sha256(Files.readAllBytes(made.resolve("model.onnx"))),
                "onnx/model.onnx.data", HubServer.sha256(Files.readAllBytes(made.resolve("model.onnx.data"))));
        Path folder = hub("main").files(sha256);
        assertThat(Model.load(folder, LoadOptions.standard().sha256(sha256)).inputs())
                .hasSize(1);
        assertThat(Model.load(hub("main").file("onnx/model.onnx")).outputs()).hasSize(1);
    }

    @Test
    void progressHasTheNameOfTheFile() {
        List<DownloadProgress> reports = new ArrayList<>();
        options = options.progress(reports::add);
        hub("main").file("onnx/weights.bin");
        assertThat(reports)
                .isNotEmpty()
                .allSatisfy(report -> assertThat(report.file()).contains("onnx/weights.bin"));
    }

    @Test
    void textsHaveNoSecrets() {
        options = options.token("hf_token");
        server.fault(reply -> reply.cut(0));
        TenonException e =
                catchThrowableOfType(TenonException.class, () -> hub("main").file("onnx/weights.bin"));
        assertThat(e.toString()).doesNotContain("SECRET").doesNotContain("hf_token");
        assertThatThrownBy(() -> options.token("bad\ntoken"))
                .isInstanceOf(InvalidOptionException.class)
                .message()
                .doesNotContain("bad");
    }
}
