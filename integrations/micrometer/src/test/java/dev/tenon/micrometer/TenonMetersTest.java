package dev.tenon.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.SessionOptions;
import dev.tenon.Tenon;
import dev.tenon.error.TenonException;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.op.math.Tanh;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.PredictionListener;
import dev.tenon.serving.batch.Batcher;
import dev.tenon.serving.drift.DriftMonitor;
import dev.tenon.serving.versions.Models;
import dev.tenon.serving.versions.Trial;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.ValueType;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** The meters, without an application. */
class TenonMetersTest {
    private static final int ROWS = 100;

    private static Model model() {
        GraphBuilder graph = new GraphBuilder("tanh");
        Value x = graph.input("x", ValueType.parse("f32[n]"));
        graph.output("y", graph.add(new Tanh(), x));
        return Model.of(graph.build());
    }

    @Test
    void gaugesFollowWhatIsLoaded() {
        AtomicReference<Models> made = new AtomicReference<>();
        AtomicInteger asked = new AtomicInteger();
        TenonMeters metrics = new TenonMeters(() -> {
            asked.incrementAndGet();
            return made.get();
        });
        Models models =
                Models.create(SessionOptions.standard(), BatchOptions.standard().listener(metrics));
        models.load("squash", "1", model(), Trial.none());
        assertThat(asked.get()).as("asked for the models before it was bound").isZero();
        made.set(models);
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        metrics.bindTo(registry);
        assertThat(queued(registry, "1")).isZero();
        models.load("squash", "2", model(), Trial.none());
        assertThat(queued(registry, "2")).isZero();
        models.unload("squash", "2");
        assertThat(queued(registry, "2")).isNaN();
        assertThat(queued(registry, "1")).isZero();
    }

    /** Stops the first thread that registers a gauge of a version, before the registry has it. */
    private static final class Stopping implements MeterFilter {
        private final CountDownLatch reached = new CountDownLatch(1);
        private final CountDownLatch goOn = new CountDownLatch(1);

        @Override
        public Meter.Id map(Meter.Id id) {
            if ("2".equals(id.getTag("version")) && reached.getCount() > 0) {
                reached.countDown();
                await(goOn);
            }
            return id;
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void versionsThatAreLoadedAtTheSameTimeAllHaveGauges() throws Exception {
        AtomicReference<Models> made = new AtomicReference<>();
        TenonMeters metrics = new TenonMeters(made::get);
        Models models =
                Models.create(SessionOptions.standard(), BatchOptions.standard().listener(metrics));
        made.set(models);
        Stopping stopping = new Stopping();
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        registry.config().meterFilter(stopping);
        metrics.bindTo(registry);
        Thread first = Thread.ofPlatform().start(() -> models.load("squash", "2", model(), Trial.none()));
        await(stopping.reached);
        Thread second = Thread.ofPlatform().start(() -> models.load("squash", "3", model(), Trial.none()));
        // It ends, or it waits for the first one. It has loaded its version by then.
        while (second.getState() != Thread.State.TERMINATED
                && !(second.getState() == Thread.State.WAITING
                        && models.versions("squash").size() == 2)) {
            Thread.onSpinWait();
        }
        stopping.goOn.countDown();
        first.join();
        second.join();
        for (String meter : List.of("tenon.queued.rows", "tenon.running")) {
            assertThat(registry.find(meter).gauges())
                    .as(meter)
                    .extracting(g -> g.getId().getTag("version"))
                    .containsExactlyInAnyOrder("2", "3");
        }
    }

    /** An application may also give the meters to a batcher of its own. */
    @Test
    void aBatcherWithoutVersionIsCounted() {
        TenonMeters metrics = new TenonMeters(() -> null);
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        metrics.bindTo(registry);
        Batcher batcher = Batcher.of(
                model().session(),
                BatchOptions.standard().maxRows(1).name("alone").listener(metrics));
        batcher.predict(Map.of("x", Tensor.of(new float[] {1}, 1)));
        assertThat(registry.get("tenon.calls").tags("model", "alone").timer().count())
                .isOne();
    }

    @Test
    void waitingAndLoadsAreTimed() {
        AtomicReference<Models> made = new AtomicReference<>();
        TenonMeters meters = new TenonMeters(made::get);
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        meters.bindTo(registry);
        Models models =
                Models.create(SessionOptions.standard(), BatchOptions.standard().listener(meters));
        made.set(models);
        models.load("squash", "1", model(), Trial.none());
        assertThatThrownBy(() -> models.load("squash", "2", Path.of("absent.onnx"), Trial.none()))
                .isInstanceOf(TenonException.class);
        models.promote("squash", "1");
        models.predict("squash", Map.of("x", Tensor.of(new float[] {1}, 1)));
        assertThat(registry.get("tenon.wait")
                        .tags("model", "squash", "version", "1")
                        .timer()
                        .count())
                .isOne();
        assertThat(registry.get("tenon.loads")
                        .tags("version", "1", "outcome", "ready")
                        .timer()
                        .count())
                .isOne();
        assertThat(registry.get("tenon.loads")
                        .tags("version", "2", "outcome", "failed")
                        .timer()
                        .count())
                .isOne();
        assertThat(registry.get("tenon.swaps").tags("model", "squash").counter().count())
                .isOne();
    }

    @Test
    void callsThatAShadowRepeatsAreCounted() {
        TenonMeters meters = new TenonMeters(() -> null);
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        meters.onShadow(new PredictionListener.ShadowReport("squash", "2", true, 0, 1));
        meters.bindTo(registry);
        meters.onShadow(new PredictionListener.ShadowReport("squash", "2", false, 1, 1));
        assertThat(registry.get("tenon.shadows").counters()).singleElement().satisfies(counter -> {
            assertThat(counter.getId().getTag("agreed")).isEqualTo("false");
            assertThat(counter.count()).isOne();
        });
    }

    /** Drift of a real monitor: rows that are all above those of the reference. */
    @Test
    void alarmsOfDriftAreCounted() {
        TenonMeters meters = new TenonMeters(() -> null);
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        meters.bindTo(registry);
        DriftMonitor monitor = DriftMonitor.reference(List.of(Map.of("x", column(0))))
                .window(ROWS)
                .name("income")
                .listener(meters)
                .start();
        monitor.accept(Map.of("x", column(0)));
        assertThat(registry.find("tenon.drift").counters()).isEmpty();
        monitor.accept(Map.of("x", column(1_000)));
        assertThat(registry.get("tenon.drift")
                        .tags("monitor", "income", "value", "x", "test", "ks")
                        .counter()
                        .count())
                .isOne();
    }

    private static Tensor column(int from) {
        float[] values = new float[ROWS];
        for (int i = 0; i < ROWS; i++) {
            values[i] = from + i;
        }
        return Tensor.of(values, ROWS, 1);
    }

    @Test
    void tiersAreThoseThatTenonTells() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        new TenonMeters(() -> null).bindTo(registry);
        for (String tier : List.of("assembled", "vector", "scalar")) {
            boolean on = Tenon.describe().lines().anyMatch(line -> line.matches(tier + " +on .*"));
            assertThat(registry.get("tenon.tier").tags("tier", tier).gauge().value())
                    .as(tier)
                    .isEqualTo(on ? 1 : 0);
        }
        assertThat(registry.get("tenon.tier").tags("tier", "scalar").gauge().value())
                .isOne();
    }

    private static double queued(SimpleMeterRegistry registry, String version) {
        return registry.get("tenon.queued.rows")
                .tags("model", "squash", "version", version)
                .gauge()
                .value();
    }
}
