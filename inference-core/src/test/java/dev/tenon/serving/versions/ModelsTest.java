package dev.tenon.serving.versions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.Model;
import dev.tenon.SessionOptions;
import dev.tenon.error.InvalidOptionException;
import dev.tenon.error.TenonException;
import dev.tenon.fixtures.SmallModels;
import dev.tenon.serving.BatchOptions;
import dev.tenon.serving.Call;
import dev.tenon.serving.PredictionListener;
import dev.tenon.serving.TrialFailedException;
import dev.tenon.serving.UnknownModelException;
import dev.tenon.serving.batch.Calls;
import dev.tenon.serving.versions.Models.State;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorSequence;
import java.lang.foreign.Arena;
import java.lang.ref.WeakReference;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions: loads, trials, promotions under load, rollback, routes, canaries, shadows, and the memory of old versions. */
class ModelsTest {
    private static final Map<String, Tensor> ONE = Map.of("x", Tensor.of(new float[] {1, 1}, 1, 2));
    private static final int PROMOTIONS = 50;
    private static final int MANY_PROMOTIONS = 1000;

    private final List<PredictionListener.SwapReport> swaps = Collections.synchronizedList(new ArrayList<>());
    private final List<PredictionListener.LoadReport> loads = new ArrayList<>();
    private final List<PredictionListener.ShadowReport> shadows = Collections.synchronizedList(new ArrayList<>());
    private volatile Runnable afterCall = () -> {};
    private final Models models = Models.create(
            SessionOptions.standard().threads(1),
            BatchOptions.standard().maxRows(1).slots(4).listener(new PredictionListener() {
                @Override
                public void onSwap(SwapReport report) {
                    swaps.add(report);
                }

                @Override
                public void onLoad(LoadReport report) {
                    loads.add(report);
                }

                @Override
                public void onShadow(ShadowReport report) {
                    shadows.add(report);
                }

                @Override
                public void onCall(CallReport report) {
                    afterCall.run();
                }
            }));

    @TempDir
    private Path folder;

    /** Both outputs are x times a factor. */
    private static Model times(int factor) {
        return SmallModels.model("graph times(%x: f32[n,2]) {\n  %f = const f32[1] {" + factor
                + "}\n  %y = Mul(%x, %f)\n  %z = Mul(%f, %x)\n  return %y, %z\n}\n");
    }

    /** A version that fails for the second row of a table. */
    private static Model failing() {
        return SmallModels.model("""
            graph failing(%x: f32[n,2]) {
              %zero = const f32[1] {0}
              %i = Cast<to=7>(%x)
              %table = const f32[1] {0}
              %g = Gather<axis=0>(%table, %i)
              %y = Add(%g, %zero)
              return %y, z=%g
            }
            """);
    }

    private float y(String name) {
        return models.predict(name, ONE).tensor("y").getFloat(0);
    }

    private List<State> states(String name) {
        return models.versions(name).stream().map(Models.Status::state).toList();
    }

    @Test
    void versionsArePromotedAndRolledBack() {
        models.load("m", "1", times(1), Trial.none());
        assertThatThrownBy(() -> y("m"))
                .isInstanceOf(UnknownModelException.class)
                .hasMessageContaining("promote");
        assertThatThrownBy(() -> y("other")).isInstanceOf(UnknownModelException.class);
        models.promote("m", "1");
        assertThat(y("m")).isEqualTo(1);
        models.load("m", "2", times(2), Trial.none());
        assertThat(states("m")).containsExactly(State.SERVING, State.READY);
        models.promote("m", "2");
        assertThat(y("m")).isEqualTo(2);
        assertThat(states("m")).containsExactly(State.PREVIOUS, State.SERVING);
        models.rollback("m");
        assertThat(y("m")).isEqualTo(1);
        models.rollback("m");
        assertThat(y("m")).isEqualTo(2);
        models.load("m", "3", times(3), Trial.none());
        models.promote("m", "3");
        assertThat(models.versions("m")).extracting(Models.Status::version).containsExactly("2", "3");
        assertThatThrownBy(() -> models.load("m", "3", times(3), Trial.none()))
                .isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> models.unload("m", "3")).isInstanceOf(InvalidOptionException.class);
        models.unload("m", "2");
        assertThatThrownBy(() -> models.rollback("m")).isInstanceOf(UnknownModelException.class);
        assertThat(swaps).extracting(PredictionListener.SwapReport::to).containsExactly("1", "2", "1", "2", "3");
    }

    @Test
    void aLoadOrTrialThatFailsChangesNothing() throws Exception {
        models.load("m", "1", times(1), Trial.none());
        models.promote("m", "1");
        Path broken = Files.write(folder.resolve("broken.onnx"), new byte[] {1, 2, 3});
        assertThatThrownBy(() -> models.load("m", "2", broken, Trial.none())).isInstanceOf(TenonException.class);
        Trial trial = Trial.of(List.of(ONE), List.of(Map.of("y", Tensor.of(new float[] {1, 1}, 1, 2))), 1e-3);
        assertThatThrownBy(() -> models.load("m", "2", times(2), trial))
                .isInstanceOf(TrialFailedException.class)
                .hasMessageContaining("m:2, sample 0")
                .hasMessageContaining("output 'y' differs by 1.0");
        assertThatThrownBy(() -> models.load("m", "2", failing(), Trial.runs(List.of(ONE))))
                .isInstanceOf(TrialFailedException.class);
        assertThat(models.versions("m")).hasSize(1);
        assertThat(y("m")).isEqualTo(1);
        models.load("m", "2", times(1), trial);
        assertThat(models.versions("m")).hasSize(2);
        assertThat(loads).hasSize(5);
        assertThat(loads.get(2).failure()).hasValueSatisfying(m -> assertThat(m).contains("differs by"));
    }

    @Test
    void promotionsUnderLoadLoseNoCallAndMixNoVersions() throws Exception {
        promotions(PROMOTIONS);
    }

    @Test
    @Tag("exhaustive")
    void aThousandPromotionsUnderLoad() throws Exception {
        promotions(MANY_PROMOTIONS);
    }

    private void callOnce(int call) {
        var outputs = call % 2 == 0
                ? models.predict("m", ONE)
                : models.submit("m", ONE, Call.standard()).join();
        assertThat(outputs.tensor("y").contentEquals(outputs.tensor("z"))).isTrue();
    }

    private void promotions(int count) throws Exception {
        models.load("m", "0", times(1), Trial.none());
        models.promote("m", "0");
        AtomicBoolean end = new AtomicBoolean();
        CountDownLatch started = new CountDownLatch(3);
        try (ExecutorService callers = Executors.newFixedThreadPool(3)) {
            List<Future<?>> going = new ArrayList<>();
            for (int t = 0; t < 3; t++) {
                going.add(callers.submit(() -> {
                    callOnce(0);
                    started.countDown();
                    for (int call = 1; !end.get(); call++) {
                        callOnce(call);
                    }
                    return null;
                }));
            }
            try {
                assertThat(started.await(60, TimeUnit.SECONDS)).isTrue();
                for (int i = 1; i <= count; i++) {
                    models.load("m", Integer.toString(i), times(i), Trial.runs(List.of(ONE)));
                    models.promote("m", Integer.toString(i));
                }
            } finally {
                end.set(true);
            }
            for (Future<?> g : going) {
                g.get();
            }
        }
        assertThat(y("m")).isEqualTo(count);
        assertThat(models.versions("m")).hasSize(2);
    }

    private WeakReference<Model> promoted(String version) {
        Model model = times(5);
        models.load("m", version, model, Trial.runs(List.of(ONE)));
        models.promote("m", version);
        return new WeakReference<>(model);
    }

    @Test
    void oldVersionsAreCollected() {
        WeakReference<Model> first = promoted("1");
        WeakReference<Model> second = promoted("2");
        promoted("3");
        Calls.await(() -> {
            System.gc();
            return first.get() == null;
        });
        assertThat(models.versions("m")).extracting(Models.Status::version).containsExactly("2", "3");
        assertThat(second.get()).isNotNull();
    }

    @Test
    void aModelIsDroppedWithItsVersions() {
        Model first = times(1);
        models.load("m", "1", first, Trial.none());
        models.load("m", "2", times(2), Trial.none());
        models.promote("m", "1");
        assertThat(models.model("m", "1")).isSameAs(first);
        assertThatThrownBy(() -> models.model("m", "3")).isInstanceOf(UnknownModelException.class);
        models.unload("m");
        assertThat(models.names()).isEmpty();
        assertThatThrownBy(() -> y("m")).isInstanceOf(UnknownModelException.class);
        assertThatThrownBy(() -> models.unload("m")).isInstanceOf(UnknownModelException.class);
        models.load("m", "1", times(3), Trial.none());
        models.promote("m", "1");
        assertThat(y("m")).isEqualTo(3);
    }

    private void twoVersions() {
        models.load("m", "1", times(1), Trial.none());
        models.load("m", "2", times(2), Trial.none());
        models.promote("m", "1");
    }

    @Test
    void weightsAreKeptWithAndWithoutKeys() {
        twoVersions();
        models.route("m", Route.weighted(Map.of("1", 95, "2", 5)));
        assertThat(states("m")).containsExactly(State.SERVING, State.CANARY);
        int second = 0;
        for (int i = 0; i < 10_000; i++) {
            second += y("m") == 2 ? 1 : 0;
        }
        assertThat(second).isBetween(495, 505);
        models.route("m", Route.weighted(Map.of("1", 95, "2", 5)).byKey());
        assertThatThrownBy(() -> y("m"))
                .isInstanceOf(InvalidOptionException.class)
                .hasMessageContaining("Call.key");
        assertThat(models.predict("m", ONE, Call.standard().key("user1"))
                        .tensor("y")
                        .getFloat(0))
                .isIn(1f, 2f);
    }

    private static Deployment weighted(int first, int second) {
        Deployment.Version version = new Deployment.Version(null, null);
        return Deployment.empty("m")
                .with("1", version)
                .with("2", version)
                .promoted("1")
                .routed(Route.weighted(Map.of("1", first, "2", second)).byKey());
    }

    @Test
    void keysKeepTheirVersionAndMoveOnlyToTheOneThatGrows() {
        Deployment five = weighted(95, 5);
        Deployment twenty = weighted(80, 20);
        int second = 0;
        int keys = 100_000;
        for (int i = 0; i < keys; i++) {
            Call call = Call.standard().key("user" + i);
            String version = five.choose(call);
            assertThat(five.choose(call)).isEqualTo(version);
            second += version.equals("2") ? 1 : 0;
            if (version.equals("2")) {
                assertThat(twenty.choose(call)).isEqualTo("2");
            }
        }
        assertThat((double) second / keys).isBetween(0.047, 0.053);
    }

    @Test
    void aCanaryThatFailsIsGivenUp() {
        models.load("m", "1", times(1), Trial.none());
        models.load("m", "2", failing(), Trial.none());
        models.promote("m", "1");
        models.route("m", Route.weighted(Map.of("1", 1, "2", 1)).abortIf(Route.errorRate(0.1)));
        int failures = 0;
        for (int i = 0; i < 1000; i++) {
            try {
                y("m");
            } catch (TenonException e) {
                failures++;
            }
        }
        assertThat(failures).isBetween(20, 40);
        assertThat(models.route("m").orElseThrow().weights()).containsOnlyKeys("1");
        assertThat(swaps.getLast().reason()).contains("version 2 was given up").contains("calls failed");
    }

    /** Calls of a canary count on when a version is loaded or dropped that is not in the route. */
    @Test
    void aCanaryIsWatchedOnWhenOtherVersionsChange() {
        models.load("m", "1", times(1), Trial.none());
        models.load("m", "2", failing(), Trial.none());
        models.promote("m", "1");
        models.route("m", Route.weighted(Map.of("1", 1, "2", 1)).abortIf(Route.errorRate(0.1)));
        int failures = 0;
        for (int i = 0; i < 1000 && models.route("m").orElseThrow().weights().size() == 2; i++) {
            if (i % 10 == 9) {
                models.load("m", "other", times(3), Trial.none());
                models.unload("m", "other");
            }
            try {
                y("m");
            } catch (TenonException e) {
                failures++;
            }
        }
        assertThat(failures).isBetween(20, 40);
        assertThat(swaps.getLast().reason()).contains("version 2 was given up");
    }

    /** An error while a version is loaded, such as a lack of memory. */
    @Test
    void aLoadThatEndsInAnErrorIsReported() {
        Path path = (Path) Proxy.newProxyInstance(
                ModelsTest.class.getClassLoader(), new Class<?>[] {Path.class}, (proxy, method, arguments) -> {
                    throw new AssertionError("no memory");
                });
        assertThatThrownBy(() -> models.load("m", "1", path, Trial.none())).isInstanceOf(AssertionError.class);
        assertThat(loads.getLast().failure()).contains("no memory");
    }

    @Test
    void aCanaryThatIsSlowIsGivenUpAndOneThatIsNotIsNot() {
        CanaryWatch watch = new CanaryWatch(List.of(Route.p99Ratio(1.5)), "1");
        for (int i = 0; i < 3000; i++) {
            long usual = 1_000_000 + 1000L * (i * 37 % 1000);
            assertThat(watch.record("1", usual, false)).isNull();
            assertThat(watch.record("2", usual * 14 / 10, false)).isNull();
        }
        String reason = null;
        for (int i = 0; i < 3000 && reason == null; i++) {
            reason = watch.record("3", 4_000_000, false);
        }
        assertThat(reason).contains("version 3 was given up").contains("99th percentile");
    }

    private List<PredictionListener.ShadowReport> shadowsOf(String name) {
        return List.copyOf(shadows).stream().filter(r -> r.model().equals(name)).toList();
    }

    @Test
    void aCallThatCannotBeCopiedForAShadowIsAnswered() {
        models.load("m", "1", times(1), Trial.none());
        models.load("m", "2", times(2), Trial.none());
        models.promote("m", "1");
        models.route("m", Route.shadow("1", "2", 1, Compare.tolerance(1)));
        Arena arena = Arena.ofShared();
        afterCall = arena::close;
        Tensor freed = Tensor.of(DType.FLOAT32, arena.allocate(2L * Float.BYTES, Float.BYTES), 1, 2);
        assertThat(models.predict("m", Map.of("x", freed)).tensor("y").toFloatArray())
                .containsExactly(0, 0);
        afterCall = () -> {};
        assertThat(shadowsOf("m")).hasSize(1);
        assertThat(shadowsOf("m").getFirst().agreed()).isFalse();
        assertThat(y("m")).isEqualTo(1);
        Calls.await(() -> shadowsOf("m").size() == 2);
        assertThat(shadowsOf("m").getLast().agreed())
                .as("later calls are compared")
                .isTrue();
    }

    @Test
    void aShadowComparesAndNeverAnswers() {
        for (String name : List.of("differs", "agrees", "never")) {
            models.load(name, "1", times(1), Trial.none());
            models.load(name, "2", times(2), Trial.none());
            models.promote(name, "1");
        }
        models.route("differs", Route.shadow("1", "2", 1, Compare.tolerance(1e-3)));
        models.route("agrees", Route.shadow("1", "2", 1, Compare.tolerance(1)));
        models.route("never", Route.shadow("1", "2", 0, Compare.tolerance(0)));
        assertThat(states("differs")).containsExactly(State.SERVING, State.SHADOW);
        for (String name : List.of("never", "differs", "agrees")) {
            for (int i = 0; i < 20; i++) {
                assertThat(y(name)).isEqualTo(1);
            }
        }
        Calls.await(
                () -> !shadowsOf("differs").isEmpty() && !shadowsOf("agrees").isEmpty());
        assertThat(shadowsOf("differs").getFirst().agreed()).isFalse();
        assertThat(shadowsOf("differs").getFirst().difference()).isEqualTo(1);
        assertThat(shadowsOf("agrees").getFirst().agreed()).isTrue();
        assertThat(shadowsOf("never")).isEmpty();
    }

    @Test
    void comparisonsOfClasses() {
        Map<String, Tensor> a = Map.of("p", Tensor.of(new float[] {1, 2, 3, 1}, 2, 2));
        Map<String, Tensor> b = Map.of("p", Tensor.of(new float[] {0, 9, 1, 2}, 2, 2));
        assertThat(Compare.largest(0).difference(a, b)).isEqualTo(0.5);
        assertThat(Compare.tolerance(0).difference(a, b)).isEqualTo(7.0 / 3);
        assertThat(Compare.tolerance(0).difference(a, Map.of())).isInfinite();
    }

    @Test
    void noClassIsThatOfARowWithNaN() {
        Map<String, Tensor> a = Map.of("p", Tensor.of(new float[] {2, 1, 3, 1}, 2, 2));
        Map<String, Tensor> b = Map.of("p", Tensor.of(new float[] {Float.NaN, Float.NaN, 5, Float.NaN}, 2, 2));
        assertThat(Compare.largest(0).difference(a, b)).isOne();
        assertThat(Compare.largest(0).difference(b, b)).isZero();
    }

    @Test
    void comparisonsOfStrings() {
        Map<String, Tensor> a = Map.of("p", Tensor.scalar("cat"));
        Map<String, Tensor> b = Map.of("p", Tensor.scalar("dog"));
        assertThat(Compare.largest(0).difference(a, a)).isZero();
        assertThat(Compare.largest(0).difference(a, b)).isOne();
        Tensor cat = Tensor.of(new String[] {"cat"});
        Map<String, TensorSequence> c = Map.of("p", TensorSequence.of(cat, cat));
        Map<String, TensorSequence> d = Map.of("p", TensorSequence.of(cat, Tensor.of(new String[] {"dog"})));
        assertThat(Compare.largest(0).difference(c, d)).isEqualTo(0.5);
    }

    @Test
    void routesThatCannotBeAreRefused() {
        twoVersions();
        assertThatThrownBy(() -> models.route("m", Route.to("9"))).isInstanceOf(UnknownModelException.class);
        assertThatThrownBy(() -> Route.weighted(Map.of("1", -1))).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> Route.weighted(Map.of("1", 0))).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> Route.errorRate(2)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> Route.p99Ratio(0.5)).isInstanceOf(InvalidOptionException.class);
        assertThatThrownBy(() -> Route.shadow("1", "2", 2, Compare.tolerance(0)))
                .isInstanceOf(InvalidOptionException.class);
        models.route("m", Route.weighted(Map.of("1", 1, "2", 1)));
        assertThatThrownBy(() -> models.unload("m", "2")).isInstanceOf(InvalidOptionException.class);
    }
}
