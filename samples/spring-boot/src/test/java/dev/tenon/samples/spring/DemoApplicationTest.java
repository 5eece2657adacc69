package dev.tenon.samples.spring;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.Model;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Tanh;
import dev.tenon.serving.PredictionListener;
import dev.tenon.serving.versions.Models;
import dev.tenon.serving.versions.Trial;
import dev.tenon.tensor.ValueType;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.event.ContextClosedEvent;

/** The application as it runs in production: a real port, virtual threads, the actuator, a graceful end. */
@Tag("vector")
@Timeout(120)
class DemoApplicationTest {
    /** Holds the ends of calls while a test wants it, on the threads of the callers. */
    static final class Watch implements PredictionListener {
        private final AtomicInteger calls = new AtomicInteger();
        private final AtomicInteger ofVirtualThreads = new AtomicInteger();
        private final CountDownLatch arrived = new CountDownLatch(1);
        private final CountDownLatch closing = new CountDownLatch(1);
        private volatile CountDownLatch hold = new CountDownLatch(0);

        @Override
        public void onCall(CallReport report) {
            calls.incrementAndGet();
            if (Thread.currentThread().isVirtual()) {
                ofVirtualThreads.incrementAndGet();
            }
            arrived.countDown();
            try {
                hold.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    @TestConfiguration(proxyBeanMethods = false)
    static class Watching {
        @Bean
        Watch watch() {
            return new Watch();
        }

        @Bean
        ApplicationListener<ContextClosedEvent> closing(Watch watch) {
            return event -> watch.closing.countDown();
        }
    }

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final HttpClient client = HttpClient.newHttpClient();
    private ConfigurableApplicationContext application;

    @BeforeEach
    void start() {
        application = new SpringApplicationBuilder(DemoApplication.class, Watching.class)
                .run("--server.port=0", "--spring.main.banner-mode=off");
    }

    @AfterEach
    void stop() {
        application.close();
        client.close();
    }

    private HttpRequest request(String path) {
        String port = application.getEnvironment().getProperty("local.server.port");
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .build();
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return client.send(request(path), HttpResponse.BodyHandlers.ofString());
    }

    private static String similarity(String a, String b) {
        return "/similarity?a=" + URLEncoder.encode(a, StandardCharsets.UTF_8) + "&b="
                + URLEncoder.encode(b, StandardCharsets.UTF_8);
    }

    private static double cosine(HttpResponse<String> response) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        Matcher found = Pattern.compile("\\{\"cosine\":(-?[0-9.E-]+),\"version\":\"1\"}")
                .matcher(response.body());
        assertThat(found.matches()).as(response.body()).isTrue();
        return Double.parseDouble(found.group(1));
    }

    @Test
    void predictsOnVirtualThreadsAndCounts() throws Exception {
        double near = cosine(get(similarity("A cat sleeps in the sun.", "The kitten naps by the window.")));
        double far = cosine(get(similarity("A cat sleeps in the sun.", "Interest rates rose by half a point.")));
        assertThat(near).isBetween(0.3, 1.0).isGreaterThan(far + 0.2);
        List<CompletableFuture<HttpResponse<String>>> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(client.sendAsync(
                    request(similarity("A cat sleeps in the sun.", "The kitten naps by the window.")),
                    HttpResponse.BodyHandlers.ofString()));
        }
        for (CompletableFuture<HttpResponse<String>> one : all) {
            assertThat(cosine(one.get())).isEqualTo(near);
        }
        Watch watch = application.getBean(Watch.class);
        assertThat(watch.calls.get()).isEqualTo(22);
        assertThat(watch.ofVirtualThreads.get()).isEqualTo(22);
        assertThat(scrapeWith(List.of(
                        "tenon_calls_seconds_count{model=\"minilm\",outcome=\"done\",version=\"1\"} 22",
                        "tenon_batch_rows_count{model=\"minilm\",version=\"1\"} 22",
                        "tenon_queued_rows{model=\"minilm\",version=\"1\"} 0.0",
                        "tenon_running{model=\"minilm\",version=\"1\"} 0.0")))
                .isEmpty();
    }

    /** Scrapes until all samples are there: a run may be counted after its callers have got their results. */
    private List<String> scrapeWith(List<String> samples) throws IOException, InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            String scrape = get("/actuator/prometheus").body();
            List<String> absent =
                    samples.stream().filter(s -> !scrape.contains(s)).toList();
            if (absent.isEmpty() || System.nanoTime() - end > 0) {
                return absent;
            }
            Thread.sleep(10);
        }
    }

    @Test
    void tellsItsHealth() throws Exception {
        HttpResponse<String> health = get("/actuator/health");
        assertThat(health.statusCode()).isEqualTo(200);
        assertThat(health.body()).contains("\"minilm\":\"version 1 serves\"");
        assertThat(get("/actuator/health/readiness").statusCode()).isEqualTo(200);
        GraphBuilder graph = new GraphBuilder("other");
        Value x = graph.input("x", ValueType.parse("f32[n]"));
        graph.output("y", graph.add(new Tanh(), x));
        Models models = application.getBean(Models.class);
        models.load("other", "1", Model.of(graph.build()), Trial.none());
        HttpResponse<String> readiness = get("/actuator/health/readiness");
        assertThat(readiness.statusCode()).isEqualTo(503);
        assertThat(readiness.body()).contains("\"other\":\"no version serves\"");
        models.promote("other", "1");
        assertThat(get("/actuator/health/readiness").statusCode()).isEqualTo(200);
        assertThat(get("/actuator/prometheus").body())
                .contains("tenon_queued_rows{model=\"other\",version=\"1\"}")
                .contains("tenon_swaps_total{model=\"other\"} 1.0");
    }

    @Test
    void refusesBadRequests() throws Exception {
        assertThat(get("/similarity?a=x").statusCode()).isEqualTo(400);
        HttpResponse<String> blank = get(similarity("x", " "));
        assertThat(blank.statusCode()).isEqualTo(400);
        assertThat(blank.body()).contains("two sentences of at most 10000 characters");
        assertThat(get(similarity("x", "y".repeat(5_000))).statusCode()).isEqualTo(200);
        assertThat(application.getBean(Watch.class).calls.get()).isEqualTo(1);
    }

    @Test
    void answersWhatRunsBeforeItEnds() throws Exception {
        Watch watch = application.getBean(Watch.class);
        watch.hold = new CountDownLatch(1);
        CompletableFuture<HttpResponse<String>> running =
                client.sendAsync(request(similarity("a", "b")), HttpResponse.BodyHandlers.ofString());
        watch.arrived.await();
        CompletableFuture<Void> closed = CompletableFuture.runAsync(application::close);
        watch.closing.await();
        assertThat(closed.isDone()).isFalse();
        watch.hold.countDown();
        cosine(running.get());
        closed.get();
        assertThat(application.isActive()).isFalse();
    }
}
