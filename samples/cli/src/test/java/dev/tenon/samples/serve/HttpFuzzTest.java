package dev.tenon.samples.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Changed requests are answered, refused by a status of the client's, and leave nothing. {@code -Dtenon.fuzz.seed} repeats a
 * campaign; without it each long one has another seed, which it prints. {@code -Dtenon.fuzz.requests} sets its length.
 */
class HttpFuzzTest {
    private static final long SEED = 20_261_202;
    private static final int REQUESTS = Integer.getInteger("tenon.fuzz.requests", 100_000);

    @TempDir
    private Path folder;

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void aFewRequests() throws Exception {
        campaign(SEED, 2_000);
    }

    @Test
    @Tag("exhaustive")
    @Timeout(value = 2, unit = TimeUnit.HOURS)
    void manyRequests() throws Exception {
        campaign(Long.getLong("tenon.fuzz.seed", System.nanoTime()), REQUESTS);
    }

    private void campaign(long seed, int requests) throws Exception {
        System.out.println("HttpFuzzTest seed " + seed);
        ServerOptions options =
                ServerOptions.standard().at("127.0.0.1", 0).controlled().repository(TestRepository.in(folder));
        Duration often = Duration.ofSeconds(30);
        InferenceServer server =
                new InferenceServer(options.http(options.http().withTimes(often, often, often, often)), new Metrics());
        server.load("scale", "1", TestRepository.scale(10));
        server.load("probe", "1", TestRepository.scale(70));
        server.start();
        long sockets = sockets();
        HttpFuzzer fuzzer = new HttpFuzzer(server, folder, seed);
        try {
            fuzzer.run(requests);
            while (server.listener().connections().count() > 0) {
                Thread.sleep(10);
            }
            assertThat(server.listener().memory().taken()).isZero();
            assertThat(sockets()).as("open sockets").isLessThanOrEqualTo(sockets);
        } finally {
            // It waits until all threads of requests have ended.
            server.close();
            System.out.println(fuzzer.report());
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .noneMatch(t -> t.getName().equals("tenon-http"));
        assertThat(fuzzer.faults()).as(fuzzer.report()).isEmpty();
    }

    /** The sockets of this process; 0 where the system does not tell, so that only the server's own count remains. */
    private static long sockets() throws IOException {
        Path descriptors = Path.of("/proc/self/fd");
        if (!Files.isDirectory(descriptors)) {
            return 0;
        }
        try (Stream<Path> all = Files.list(descriptors)) {
            return all.filter(HttpFuzzTest::isSocket).count();
        }
    }

    private static boolean isSocket(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString().startsWith("socket:");
        } catch (IOException e) {
            // It was closed meanwhile.
            return false;
        }
    }
}
