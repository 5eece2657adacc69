package dev.tenon.serving.drift;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.error.InvalidInputException;
import dev.tenon.serving.DriftAlarm;
import dev.tenon.serving.PredictionListener;
import dev.tenon.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Drift that is found, and clean windows that raise no alarm. */
class DriftMonitorTest {
    private static final int WINDOW = 1000;
    private static final int REFERENCE = 5000;

    private final SplittableRandom random = new SplittableRandom(3007);

    private Map<String, Tensor> numbers(int rows, IntToDoubleFunction each) {
        float[] x = new float[2 * rows];
        for (int i = 0; i < rows; i++) {
            x[2 * i] = (float) each.applyAsDouble(i);
            x[2 * i + 1] = (float) random.nextDouble();
        }
        return Map.of("x", Tensor.of(x, rows, 2));
    }

    private Map<String, Tensor> normal(int rows, double shift) {
        return numbers(rows, i -> random.nextGaussian() + shift);
    }

    private Map<String, Tensor> words(int rows, String... more) {
        String[] words = new String[rows];
        for (int i = 0; i < rows; i++) {
            words[i] = i < more.length ? more[i] : "word" + random.nextInt(10);
        }
        return Map.of("w", Tensor.of(words, rows, 1));
    }

    private static List<DriftAlarm.Test> tests(DriftMonitor monitor) {
        return monitor.alarms().stream().map(DriftAlarm::test).distinct().toList();
    }

    @Test
    void aShiftOfHalfADeviationIsFoundWithinThreeWindows() {
        for (int attempt = 0; attempt < 8; attempt++) {
            DriftMonitor monitor = DriftMonitor.reference(List.of(normal(REFERENCE, 0)))
                    .window(WINDOW)
                    .start();
            monitor.accept(normal(10 * WINDOW, 0));
            assertThat(monitor.alarms()).isEmpty();
            monitor.accept(normal(3 * WINDOW, 0.5));
            assertThat(tests(monitor)).contains(DriftAlarm.Test.KS);
            assertThat(monitor.alarms()).allMatch(a -> a.value().equals("x[0]"));
            assertThat(monitor.alarms().getFirst().rows()).isLessThanOrEqualTo(13L * WINDOW);
        }
    }

    @Test
    void aLargerShiftMovesTheIndexAndTheRange() {
        List<DriftAlarm> heard = new ArrayList<>();
        DriftMonitor monitor = DriftMonitor.reference(List.of(normal(REFERENCE, 0)))
                .name("inputs")
                .listener(new PredictionListener() {
                    @Override
                    public void onDrift(DriftAlarm alarm) {
                        heard.add(alarm);
                    }
                })
                .start();
        monitor.accept(normal(WINDOW, 3));
        assertThat(tests(monitor))
                .contains(DriftAlarm.Test.KS, DriftAlarm.Test.PSI, DriftAlarm.Test.RANGE)
                .doesNotContain(DriftAlarm.Test.MISSING);
        assertThat(heard).isEqualTo(monitor.alarms());
        assertThat(heard.getFirst().monitor()).isEqualTo("inputs");
        assertThat(heard).allMatch(a -> a.statistic() > a.limit());
    }

    @Test
    void missingValuesAreFound() {
        DriftMonitor monitor =
                DriftMonitor.reference(List.of(normal(REFERENCE, 0))).start();
        monitor.accept(numbers(WINDOW, i -> i % 8 == 0 ? Double.NaN : random.nextGaussian()));
        assertThat(tests(monitor)).containsExactly(DriftAlarm.Test.MISSING);
        assertThat(monitor.alarms().getFirst().statistic()).isEqualTo(0.125);
    }

    @Test
    void unseenCategoriesAndEmptyOnesAreFound() {
        DriftMonitor monitor = DriftMonitor.reference(List.of(words(REFERENCE))).start();
        monitor.accept(words(WINDOW));
        assertThat(monitor.alarms()).isEmpty();
        String[] unseen = new String[60];
        Arrays.fill(unseen, "new");
        monitor.accept(words(WINDOW, unseen));
        assertThat(tests(monitor)).contains(DriftAlarm.Test.UNSEEN).doesNotContain(DriftAlarm.Test.MISSING);
        String[] empty = new String[200];
        Arrays.fill(empty, "");
        monitor.accept(words(WINDOW, empty));
        assertThat(tests(monitor)).contains(DriftAlarm.Test.MISSING);
    }

    @Test
    void frequenciesOfIntegersAreCompared() {
        long[] even = new long[REFERENCE];
        long[] skewed = new long[WINDOW];
        for (int i = 0; i < even.length; i++) {
            even[i] = random.nextInt(4);
        }
        for (int i = 0; i < skewed.length; i++) {
            skewed[i] = Math.min(3, random.nextInt(8));
        }
        DriftMonitor monitor =
                DriftMonitor.reference(List.of(Map.of("i", Tensor.of(even)))).start();
        monitor.accept(Map.of("i", Tensor.of(skewed)));
        assertThat(tests(monitor)).containsExactly(DriftAlarm.Test.PSI);
    }

    @Test
    void imagesAreComparedByTheirMean() {
        float[] dark = new float[200 * 300];
        float[] bright = new float[1000 * 300];
        for (int i = 0; i < dark.length; i++) {
            dark[i] = (float) random.nextDouble();
        }
        for (int i = 0; i < bright.length; i++) {
            bright[i] = (float) random.nextDouble() + 0.2f;
        }
        DriftMonitor monitor = DriftMonitor.reference(List.of(Map.of("x", Tensor.of(dark, 200, 3, 10, 10))))
                .start();
        monitor.accept(Map.of("x", Tensor.of(bright, 1000, 3, 10, 10)));
        assertThat(monitor.alarms().getFirst().value()).isEqualTo("x (mean)");
    }

    @Test
    void aScoreThatMovesIsFound() {
        double[] scores = random.doubles(REFERENCE).toArray();
        DriftMonitor monitor = DriftMonitor.reference(List.of(normal(REFERENCE, 0)))
                .score("p", scores)
                .start();
        for (int i = 0; i < 10 * WINDOW; i++) {
            monitor.accept(normal(1, 0), Map.of("p", Tensor.of(new float[] {(float) random.nextDouble()}, 1, 1)));
        }
        assertThat(monitor.alarms()).isEmpty();
        for (int i = 0; i < 3 * WINDOW; i++) {
            // Half a deviation of the uniform distribution.
            double score = random.nextDouble() + 0.5 / Math.sqrt(12);
            monitor.accept(normal(1, 0), Map.of("p", Tensor.of(new float[] {(float) score}, 1, 1)));
        }
        assertThat(tests(monitor)).containsExactly(DriftAlarm.Test.ADWIN);
        assertThat(monitor.alarms().getFirst().statistic()).isPositive();
    }

    @Test
    void callsThatDoNotFitAreRefused() {
        DriftMonitor monitor =
                DriftMonitor.reference(List.of(normal(REFERENCE, 0))).start();
        assertThatThrownBy(() -> monitor.accept(Map.of())).isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> monitor.accept(Map.of("x", Tensor.of(new float[3], 1, 3))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("2 columns");
        assertThat(monitor.rows()).isZero();
    }

    /** Nothing of a call that is refused counts. */
    @Test
    void callsOfAnotherFormAreRefused() {
        float[] column = new float[REFERENCE];
        for (int i = 0; i < REFERENCE; i++) {
            column[i] = (float) random.nextGaussian();
        }
        Map<String, Tensor> reference = Map.of("x", Tensor.of(column, REFERENCE, 1));
        DriftMonitor monitor = DriftMonitor.reference(List.of(reference))
                .score("p", new double[] {0, 1})
                .start();
        Map<String, Tensor> good = Map.of("x", Tensor.of(new float[4], 4, 1));
        assertThatThrownBy(() -> monitor.accept(Map.of("x", Tensor.of(new float[8], 4, 2))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("1 columns");
        assertThatThrownBy(() -> monitor.accept(Map.of("x", Tensor.of(new String[] {"a"}, 1, 1))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("'x'");
        assertThatThrownBy(() -> monitor.accept(Map.of("x", Tensor.of(new long[] {1}, 1, 1))))
                .isInstanceOf(InvalidInputException.class);
        assertThatThrownBy(() -> monitor.accept(good, Map.of("p", Tensor.of(new String[] {"high"}))))
                .isInstanceOf(InvalidInputException.class)
                .hasMessageContaining("output 'p'");
        assertThat(monitor.rows()).isZero();
        monitor.accept(good, Map.of("p", Tensor.of(new float[] {0.5f})));
        assertThat(monitor.rows()).isEqualTo(4);
    }

    /** One call has a window; the reference is another for each monitor. */
    private long falseAlarms(int monitors, int windows) {
        long alarms = 0;
        for (int m = 0; m < monitors; m++) {
            double[] scores = random.doubles(WINDOW).toArray();
            DriftMonitor monitor = DriftMonitor.reference(List.of(normal(REFERENCE, 0)))
                    .window(WINDOW)
                    .score("p", scores)
                    .start();
            for (int w = 0; w < windows; w++) {
                float[] score = new float[WINDOW];
                for (int i = 0; i < WINDOW; i++) {
                    score[i] = (float) random.nextDouble();
                }
                monitor.accept(normal(WINDOW, 0), Map.of("p", Tensor.of(score, WINDOW, 1)));
            }
            alarms += monitor.alarms().size();
        }
        return alarms;
    }

    @Test
    void cleanWindowsRaiseNoAlarm() {
        assertThat(falseAlarms(3, 60)).isZero();
    }

    @Test
    @Tag("exhaustive")
    void aHundredThousandCleanWindowsRaiseAtMostOneAlarm() {
        assertThat(falseAlarms(100, 1000)).isLessThanOrEqualTo(1);
    }
}
