package dev.tenon.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.error.TenonException;
import dev.tenon.formats.ChecksumException;
import dev.tenon.hub.FaultyServer.Handler;
import dev.tenon.hub.FaultyServer.Reply;
import dev.tenon.hub.FaultyServer.Request;
import dev.tenon.hub.HubException.Reason;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One file of a server that fails in the ways servers do: it is typed, resumed or refused, and no half file has the final name. */
@Timeout(120)
class HttpFilesTest {
    private static final String SECRET = "SECRETSIGNATURE";
    private static final String TARGET = "/store/model.onnx?X-Signature=" + SECRET;
    private static final byte[] BYTES = bytes(7, 300_000);
    private static final String SHA256 = HubServer.sha256(BYTES);

    @TempDir
    private Path cache;

    private HubOptions options = HubOptions.standard()
            .download(true)
            .retries(3)
            .backoff(Duration.ofMillis(1))
            .timeout(Duration.ofSeconds(20));

    private static byte[] bytes(long seed, int count) {
        byte[] bytes = new byte[count];
        new SplittableRandom(seed).nextBytes(bytes);
        return bytes;
    }

    private Path get(FaultyServer server) {
        return Hub.http(server.uri(TARGET), SHA256, options.cache(cache));
    }

    private Path target() {
        return cache.resolve("files").resolve(SHA256).resolve("model.onnx");
    }

    private Path part() {
        return target().resolveSibling("model.onnx.tenon.incomplete");
    }

    /** The file is there, and nothing else but locks. */
    private void whole(Path file) throws IOException {
        assertThat(file).isEqualTo(target()).hasBinaryContent(BYTES);
        assertThat(names()).containsExactly("model.onnx");
    }

    private List<String> names() throws IOException {
        try (Stream<Path> files = Files.walk(cache)) {
            return files.filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .filter(name -> !name.endsWith(".lock"))
                    .toList();
        }
    }

    /** The failure, after it was checked that no file has the final name and no text has the secret. */
    private TenonException failure(FaultyServer server) throws IOException {
        TenonException e = catchThrowableOfType(TenonException.class, () -> get(server));
        assertThat(e).isNotNull();
        assertThat(target()).doesNotExist();
        StringWriter text = new StringWriter();
        e.printStackTrace(new PrintWriter(text));
        assertThat(text.toString()).doesNotContain(SECRET).doesNotContain("X-Signature");
        try (Stream<Path> files = Files.walk(cache)) {
            for (Path file : files.toList()) {
                assertThat(file.toString()).doesNotContain(SECRET);
                if (Files.isRegularFile(file) && !file.equals(part())) {
                    assertThat(Files.readString(file)).doesNotContain(SECRET);
                }
            }
        }
        return e;
    }

    private HubException failure(Reason reason, Handler handler) throws IOException {
        try (FaultyServer server = new FaultyServer(handler)) {
            TenonException e = failure(server);
            assertThat(e).isInstanceOf(HubException.class);
            assertThat(((HubException) e).reason()).as(e.getMessage()).isEqualTo(reason);
            return (HubException) e;
        }
    }

    private static Handler healthy() {
        return (request, number) -> Reply.file(request, BYTES, "\"v1\"");
    }

    @Test
    void aFileComesOnceAndStays() throws IOException {
        List<DownloadProgress> reports = new ArrayList<>();
        options = options.progress(reports::add);
        try (FaultyServer server = new FaultyServer(healthy())) {
            whole(get(server));
            whole(get(server));
            assertThat(server.requests()).hasSize(1);
            assertThat(server.requests().getFirst().target()).isEqualTo(TARGET);
            assertThat(server.requests().getFirst().header("accept-encoding")).isEqualTo("identity");
        }
        assertThat(reports.getLast().bytes()).isEqualTo(BYTES.length);
        assertThat(reports.getLast().total()).hasValue(BYTES.length);
        assertThat(reports.getLast().bytesPerSecond()).isPositive();
        assertThat(reports.getLast().timeLeft()).hasValue(Duration.ZERO);
        URI elsewhere = URI.create("https://other.invalid/model.onnx?signature=later");
        assertThat(Hub.http(elsewhere, SHA256, HubOptions.standard().cache(cache)))
                .isEqualTo(target());
    }

    @Test
    void withoutDownloadNoRequestIsMade() throws IOException {
        options = options.download(false);
        try (FaultyServer server = new FaultyServer(healthy())) {
            TenonException e = failure(server);
            assertThat(((HubException) e).reason()).isEqualTo(Reason.OFFLINE);
            assertThat(e).hasMessageContaining("HubOptions.standard().download(true)");
            assertThat(server.requests()).isEmpty();
        }
        assertThat(names()).isEmpty();
    }

    @Test
    void aFileThatWasDamagedInTheCacheIsRefusedOrReplaced() throws IOException {
        try (FaultyServer server = new FaultyServer(healthy())) {
            Files.write(get(server), new byte[] {1, 2, 3});
            assertThatThrownBy(() -> Hub.http(
                            server.uri(TARGET), SHA256, HubOptions.standard().cache(cache)))
                    .isInstanceOf(ChecksumException.class)
                    .hasMessageContaining(SHA256);
            whole(get(server));
            assertThat(server.requests()).hasSize(2);
        }
    }

    @Test
    void aTruncatedAnswerIsResumed() throws IOException {
        try (FaultyServer server = new FaultyServer((request, number) -> {
            Reply reply = Reply.file(request, BYTES, "\"v1\"");
            return number < 2 ? reply.cut(100_000) : reply;
        })) {
            whole(get(server));
            assertThat(server.requests()).hasSize(3);
            assertThat(server.requests().get(1).from()).isPositive();
            assertThat(server.requests().get(2).from())
                    .isGreaterThan(server.requests().get(1).from());
            assertThat(server.requests().get(1).header("if-range")).isEqualTo("\"v1\"");
        }
    }

    @Test
    void aLaterCallGoesOnWhereOneFailed() throws IOException {
        HubException e = failure(
                Reason.UNREACHABLE,
                (request, number) -> Reply.file(request, BYTES, "\"v1\"").cut(number == 0 ? 200_000 : 0));
        assertThat(e.thing()).contains("model.onnx");
        assertThat(part()).exists();
        assertThat(Files.size(part())).isPositive().isLessThan(BYTES.length);
        long there = Files.size(part());
        List<DownloadProgress> reports = new ArrayList<>();
        options = options.progress(reports::add);
        try (FaultyServer server = new FaultyServer(healthy())) {
            whole(get(server));
            assertThat(server.requests()).hasSize(1);
            assertThat(server.requests().getFirst().from()).isEqualTo((int) there);
            assertThat(server.requests().getFirst().header("if-range")).isEqualTo("\"v1\"");
        }
        assertThat(reports.getLast().bytes()).isEqualTo(BYTES.length);
    }

    @Test
    void aServerThatKnowsNoRangesSendsAllAgain() throws IOException {
        try (FaultyServer server = new FaultyServer((request, number) -> number == 0
                ? Reply.status(200).body(BYTES).cut(100_000)
                : Reply.status(200).body(BYTES))) {
            whole(get(server));
        }
    }

    @Test
    void aFileThatChangedIsNotJoinedToItsFirstPart() throws IOException {
        byte[] other = bytes(8, BYTES.length);
        try (FaultyServer server = new FaultyServer((request, number) -> number == 0
                ? Reply.file(request, other, "\"v0\"").cut(100_000)
                : Reply.file(request, BYTES, "\"v1\""))) {
            whole(get(server));
            assertThat(server.requests()).hasSize(2);
        }
    }

    @Test
    void aServerThatIgnoresIfRangeIsFoundByItsTag() throws IOException {
        byte[] other = bytes(8, BYTES.length);
        try (FaultyServer server = new FaultyServer((request, number) -> {
            Request without = new Request(request.method(), request.target(), without(request, "if-range"));
            return number == 0
                    ? Reply.file(without, other, "\"v0\"").cut(100_000)
                    : Reply.file(without, BYTES, "\"v1\"");
        })) {
            whole(get(server));
            assertThat(server.requests()).hasSize(3);
            assertThat(server.requests().getLast().from()).isZero();
        }
    }

    private static Map<String, String> without(Request request, String name) {
        Map<String, String> headers = new HashMap<>(request.headers());
        headers.remove(name);
        return headers;
    }

    @Test
    void partsOfTwoVersionsWithoutTagsAreFoundByTheChecksum() throws IOException {
        byte[] other = bytes(8, BYTES.length);
        try (FaultyServer server = new FaultyServer((request, number) ->
                number == 0 ? Reply.file(request, other, "").cut(100_000) : Reply.file(request, BYTES, ""))) {
            whole(get(server));
            assertThat(server.requests()).hasSize(3);
        }
    }

    @Test
    void anotherRangeThanAskedForIsNotUsed() throws IOException {
        try (FaultyServer server = new FaultyServer((request, number) -> switch (number) {
            case 0 -> Reply.file(request, BYTES, "\"v1\"").cut(100_000);
            case 1 ->
                Reply.status(206)
                        .header("content-range", "bytes 5-" + (BYTES.length - 1) + "/" + BYTES.length)
                        .header("etag", "\"v1\"")
                        .body(Arrays.copyOfRange(BYTES, 5, BYTES.length));
            default -> Reply.file(request, BYTES, "\"v1\"");
        })) {
            whole(get(server));
            assertThat(server.requests().getLast().from()).isZero();
        }
    }

    @Test
    void aFileThatGotShorterStartsAnew() throws IOException {
        byte[] other = bytes(8, 2 * BYTES.length);
        try (FaultyServer server = new FaultyServer((request, number) -> number == 0
                ? Reply.file(request, other, "").cut(BYTES.length + 1000)
                : Reply.file(request, BYTES, ""))) {
            whole(get(server));
        }
    }

    @Test
    void silenceInTheBodyIsResumed() throws IOException {
        options = options.timeout(Duration.ofMillis(400));
        try (FaultyServer server = new FaultyServer((request, number) -> {
            Reply reply = Reply.file(request, BYTES, "\"v1\"");
            return number == 0 ? reply.stall(100_000) : reply;
        })) {
            whole(get(server));
            assertThat(server.requests().get(1).from()).isPositive();
        }
    }

    @Test
    void silenceThatStaysIsTyped() throws IOException {
        options = options.timeout(Duration.ofMillis(200)).retries(1);
        failure(
                Reason.STALLED,
                (request, number) -> Reply.file(request, BYTES, "\"v1\"").stall(0));
        failure(Reason.STALLED, (request, number) -> Reply.status(200).mute());
    }

    @Test
    void dripsOfBytesAreSilence() throws IOException {
        options = options.timeout(Duration.ofMillis(400)).retries(0);
        failure(
                Reason.STALLED,
                (request, number) -> Reply.file(request, BYTES, "\"v1\"").slow(1, 50));
    }

    @Test
    void slowIsNotSilent() throws IOException {
        options = options.timeout(Duration.ofMillis(500));
        try (FaultyServer server = new FaultyServer(
                (request, number) -> Reply.file(request, BYTES, "\"v1\"").slow(20_000, 100))) {
            whole(get(server));
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void aCallEndsWithItsTime() throws IOException {
        options = options.timeLimit(Duration.ofMillis(300));
        HubException e = failure(
                Reason.TIME,
                (request, number) -> Reply.file(request, BYTES, "\"v1\"").slow(2000, 50));
        assertThat(e).hasMessageContaining("HubOptions.timeLimit");
    }

    @Test
    void liesAboutTheLengthAreTyped() throws IOException {
        failure(
                Reason.UNREACHABLE,
                (request, number) ->
                        Reply.status(200).body(BYTES).header("content-length", Integer.toString(2 * BYTES.length)));
        try (FaultyServer server = new FaultyServer((request, number) ->
                Reply.status(200).body(BYTES).header("content-length", Integer.toString(BYTES.length / 2)))) {
            assertThat(failure(server)).isInstanceOf(ChecksumException.class);
        }
        assertThat(names()).isEmpty();
    }

    @Test
    void anAnswerWithoutLengthIsWhole() throws IOException {
        try (FaultyServer server = new FaultyServer((request, number) -> {
            Reply reply = Reply.status(200).body(BYTES).chunked().slow(50_000, 0);
            return number == 0 ? reply.cut(100_000) : reply;
        })) {
            whole(get(server));
            assertThat(server.requests()).hasSize(2);
        }
    }

    @Test
    void anotherChecksumLeavesNothing() throws IOException {
        byte[] other = bytes(8, 1000);
        try (FaultyServer server = new FaultyServer((request, number) -> Reply.file(request, other, "\"v1\""))) {
            TenonException e = failure(server);
            assertThat(e).isInstanceOf(ChecksumException.class);
            assertThat(e.found()).contains(HubServer.sha256(other));
            assertThat(e.allowed()).isEqualTo(SHA256);
            assertThat(server.requests()).hasSize(1);
        }
        assertThat(names()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "401,DENIED,1",
        "403,DENIED,1",
        "404,NOT_FOUND,1",
        "410,NOT_FOUND,1",
        "400,CONTRADICTION,1",
        "418,CONTRADICTION,1",
        "408,UNREACHABLE,4",
        "429,UNREACHABLE,4",
        "500,UNREACHABLE,4",
        "502,UNREACHABLE,4",
        "503,UNREACHABLE,4"
    })
    void refusalsAreTyped(int status, Reason reason, int requests) throws IOException {
        try (FaultyServer server = new FaultyServer((request, number) -> Reply.status(status))) {
            TenonException e = failure(server);
            assertThat(((HubException) e).reason()).isEqualTo(reason);
            assertThat(e.found()).contains("status " + status).contains("/store/model.onnx");
            assertThat(server.requests()).hasSize(requests);
        }
    }

    @Test
    void aBusyServerIsAskedAgainWhenItSays() throws IOException {
        try (FaultyServer server = new FaultyServer((request, number) -> switch (number) {
            case 0 -> Reply.status(429).header("Retry-After", "1");
            case 1 -> Reply.status(503).header("Retry-After", "Thu, 01 Jan 1970 00:00:00 GMT");
            case 2 -> Reply.status(503).header("Retry-After", "soon");
            default -> Reply.file(request, BYTES, "\"v1\"");
        })) {
            long start = System.nanoTime();
            whole(get(server));
            assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(900_000_000L);
        }
    }

    @Test
    void aServerThatIsBusyForLongIsNotWaitedFor() throws IOException {
        HubException e = failure(
                Reason.UNREACHABLE, (request, number) -> Reply.status(429).header("Retry-After", "100000"));
        assertThat(e).hasMessageContaining("100000 s");
    }

    @Test
    void redirectsAreFollowed() throws IOException {
        try (FaultyServer server =
                new FaultyServer((request, number) -> request.target().equals("/other?" + SECRET)
                        ? Reply.file(request, BYTES, "\"v1\"")
                        : Reply.status(302).header("location", "../other?" + SECRET))) {
            whole(get(server));
        }
    }

    @Test
    void redirectsToNowhereAreRefused() throws IOException {
        HubException loop =
                failure(Reason.REDIRECT, (request, number) -> Reply.status(302).header("location", request.target()));
        assertThat(loop).hasMessageContaining("more than 10 redirects");
        for (String location : List.of(
                "file:///etc/passwd",
                "ftp://host/x?" + SECRET,
                "http://user:" + SECRET + "@host/",
                "http:///",
                "%",
                "a b")) {
            failure(Reason.REDIRECT, (request, number) -> Reply.status(307).header("location", location));
        }
        failure(Reason.REDIRECT, (request, number) -> Reply.status(301));
    }

    @Test
    void theTokenStaysOnItsServer() throws IOException {
        options = options.token("hf_token");
        try (FaultyServer store = new FaultyServer((request, number) -> Reply.file(request, BYTES, "\"v1\""));
                FaultyServer server = new FaultyServer((request, number) -> number == 0
                        ? Reply.status(302).header("location", "/second")
                        : Reply.status(302)
                                .header("location", store.uri("/blob").toString()))) {
            whole(get(server));
            assertThat(server.requests())
                    .hasSize(2)
                    .allSatisfy(request ->
                            assertThat(request.header("authorization")).isEqualTo("Bearer hf_token"));
            assertThat(store.requests())
                    .hasSize(1)
                    .allSatisfy(request -> assertThat(request.headers()).doesNotContainKey("authorization"));
        }
    }

    @Test
    void theTokenDoesNotComeBackFromAnotherServer() throws IOException {
        options = options.token("hf_token");
        AtomicReference<FaultyServer> origin = new AtomicReference<>();
        try (FaultyServer store = new FaultyServer((request, number) -> Reply.status(302)
                        .header("location", origin.get().uri("/end").toString()));
                FaultyServer server = new FaultyServer((request, number) -> request.target()
                                .equals("/end")
                        ? Reply.file(request, BYTES, "\"v1\"")
                        : Reply.status(302).header("location", store.uri("/").toString()))) {
            origin.set(server);
            whole(get(server));
            assertThat(server.requests().getLast().headers()).doesNotContainKey("authorization");
        }
    }

    @Test
    void aFileThatIsTooLargeIsRefused() throws IOException {
        options = options.maxBytes(1000);
        for (boolean isTold : List.of(true, false)) {
            try (FaultyServer server = new FaultyServer((request, number) -> {
                Reply reply = Reply.file(request, BYTES, "\"v1\"");
                return isTold ? reply : reply.chunked();
            })) {
                assertThat(failure(server))
                        .isInstanceOf(ResourceLimitException.class)
                        .hasMessageContaining("HubOptions.maxBytes");
            }
            assertThat(names()).isEmpty();
        }
    }

    @Test
    void aServerThatIsNotThereIsTyped() throws IOException {
        FaultyServer server = new FaultyServer(healthy());
        server.close();
        assertThat(((HubException) failure(server)).reason()).isEqualTo(Reason.UNREACHABLE);
    }

    @Test
    void garbageIsTyped() throws IOException {
        failure(Reason.UNREACHABLE, (request, number) -> Reply.status(200).header("content-length", "minus"));
    }

    @Test
    void threadsShareADownload() throws Exception {
        try (FaultyServer server = new FaultyServer((request, number) ->
                        Reply.file(request, BYTES, "\"v1\"").slow(50_000, 20));
                ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Path>> files = threads.invokeAll(List.<Callable<Path>>of(
                    () -> get(server), () -> get(server), () -> get(server), () -> get(server)));
            for (Future<Path> file : files) {
                whole(file.get());
            }
            assertThat(server.requests()).hasSize(1);
        }
    }

    @Test
    void processesShareADownload() throws Exception {
        try (FaultyServer server = new FaultyServer(
                (request, number) -> Reply.file(request, BYTES, "\"v1\"").slow(10_000, 100))) {
            List<Process> processes = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                processes.add(new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java")
                                        .toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                HubProcess.class.getName(),
                                server.uri(TARGET).toString(),
                                SHA256,
                                cache.toString())
                        .redirectErrorStream(true)
                        .start());
            }
            for (Process process : processes) {
                String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
                assertThat(process.waitFor()).as(text).isZero();
                assertThat(text).contains(target().toString());
            }
            assertThat(server.requests()).hasSize(1);
            whole(get(server));
        }
    }

    /** An interrupt that comes while bytes are written closes the file. */
    @Test
    void anInterruptEndsACallThatWrites() throws IOException {
        HubOptions interrupting =
                options.cache(cache).progress(report -> Thread.currentThread().interrupt());
        try (FaultyServer server = new FaultyServer(
                (request, number) -> Reply.file(request, BYTES, "\"v1\"").slow(1000, 1))) {
            assertThatThrownBy(() -> Hub.http(server.uri(TARGET), SHA256, interrupting))
                    .isInstanceOfSatisfying(
                            HubException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INTERRUPTED));
            assertThat(Thread.interrupted()).isTrue();
        } finally {
            Thread.interrupted();
        }
    }

    /** The same, told of a file that an interrupt has closed. */
    @Test
    void aFileThatAnInterruptHasClosedIsNoFaultOfTheCache() {
        assertThat(HubCache.failure("file", cache, new ClosedByInterruptException()))
                .isInstanceOfSatisfying(
                        HubException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INTERRUPTED));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void anInterruptEndsACall() throws Exception {
        try (FaultyServer server = new FaultyServer(
                (request, number) -> Reply.file(request, BYTES, "\"v1\"").stall(1000))) {
            AtomicReference<Throwable> thrown = new AtomicReference<>();
            AtomicReference<Boolean> stays = new AtomicReference<>();
            Thread caller = Thread.ofPlatform().start(() -> {
                try {
                    get(server);
                } catch (HubException e) {
                    thrown.set(e);
                    stays.set(Thread.currentThread().isInterrupted());
                }
            });
            while (server.requests().isEmpty()) {
                Thread.sleep(5);
            }
            caller.interrupt();
            caller.join();
            assertThat(thrown.get()).isInstanceOf(HubException.class);
            assertThat(((HubException) thrown.get()).reason()).isEqualTo(Reason.INTERRUPTED);
            assertThat(stays.get()).isTrue();
        }
    }

    @Test
    void aListenerMayEndADownload() throws IOException {
        IllegalStateException enough = new IllegalStateException("enough");
        HubOptions stopping = options.cache(cache).progress(report -> {
            throw enough;
        });
        try (FaultyServer server = new FaultyServer(healthy())) {
            assertThatThrownBy(() -> Hub.http(server.uri(TARGET), SHA256, stopping))
                    .isSameAs(enough);
            assertThat(target()).doesNotExist();
            whole(get(server));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"ftp://host/x", "file:///x", "/x", "http:///x", "http://user:SECRET@host/x", "mailto:SECRET"})
    void otherAddressesAreRefused(String address) {
        assertThatThrownBy(() -> Hub.http(URI.create(address), SHA256, options.cache(cache)))
                .isInstanceOf(InvalidOptionException.class)
                .message()
                .doesNotContain("SECRET");
    }

    @Test
    void optionsAreValues() throws IOException {
        HubOptions standard = HubOptions.standard();
        assertThat(standard.isDownload()).isFalse();
        assertThat(standard.download(true).isDownload()).isTrue();
        assertThat(standard.cache()).isEmpty();
        assertThat(standard.endpoint()).isEqualTo(URI.create("https://huggingface.co"));
        assertThatThrownBy(() -> standard.retries(-1)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> standard.maxBytes(0)).isInstanceOf(InvalidOptionException.class);
        for (Duration none : List.of(Duration.ZERO, Duration.ofMillis(-1))) {
            assertThatThrownBy(() -> standard.timeout(none)).isInstanceOf(InvalidOptionException.class);
            assertThatThrownBy(() -> standard.timeLimit(none)).isInstanceOf(InvalidOptionException.class);
            assertThatThrownBy(() -> standard.backoff(none)).isInstanceOf(InvalidOptionException.class);
        }
        Duration forever = Duration.ofSeconds(Long.MAX_VALUE);
        options = options.timeout(forever).timeLimit(forever);
        try (FaultyServer server = new FaultyServer(healthy())) {
            whole(get(server));
        }
    }

    @Test
    void otherChecksumsAreRefused() {
        for (String text : List.of("", "abc", SHA256 + "0")) {
            assertThatThrownBy(() -> Hub.http(URI.create("http://host/x"), text, options.cache(cache)))
                    .isInstanceOf(InvalidOptionException.class)
                    .hasMessageContaining("64 hexadecimal digits");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "http://h/a/model.onnx?q=1,model.onnx",
        "http://h/,file",
        "http://h,file",
        "http://h/..,file",
        "http://h/.hidden,hidden",
        "http://h/a%2Fb,a_2Fb",
        "http://h/a:b,a_b"
    })
    void namesAreThoseOfThePath(URI address, String name) {
        assertThat(HttpFiles.name(address)).isEqualTo(name);
        assertThat(HttpFiles.name(URI.create("http://h/" + "x".repeat(300)))).hasSize(100);
    }
}
