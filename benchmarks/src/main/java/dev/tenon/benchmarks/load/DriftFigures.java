package dev.tenon.benchmarks.load;

import dev.tenon.serving.drift.DriftMonitor;
import dev.tenon.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/** False alarms of a drift monitor, and the windows after which it finds a shift of half a deviation. */
final class DriftFigures {
    private static final int REFERENCE = 5000;
    private static final int WINDOW = 1000;
    private static final int WINDOWS_OF_A_REFERENCE = 1000;
    private static final int SHIFTS = 100;
    private static final int MOST_WINDOWS = 3;
    private static final double SHIFT = 0.5;

    private DriftFigures() {}

    static List<Figure> measure(ServingRun.Effort effort) {
        SplittableRandom random = new SplittableRandom(1);
        long alarms = 0;
        int windows = 0;
        while (windows < effort.windows()) {
            DriftMonitor monitor = monitor(random);
            int some = Math.min(WINDOWS_OF_A_REFERENCE, effort.windows() - windows);
            for (int w = 0; w < some; w++) {
                monitor.accept(normal(random, WINDOW, 0));
            }
            windows += some;
            alarms += monitor.alarms().size();
        }
        int latest = 0;
        for (int i = 0; i < SHIFTS; i++) {
            DriftMonitor monitor = monitor(random);
            int needed = 0;
            while (monitor.alarms().isEmpty() && needed <= MOST_WINDOWS) {
                monitor.accept(normal(random, WINDOW, SHIFT));
                needed++;
            }
            latest = Math.max(latest, needed);
        }
        return List.of(
                new Figure(
                        "drift: false alarms in " + windows + " clean windows of 1000 rows",
                        "<= 1 in 100000",
                        String.valueOf(alarms),
                        alarms <= 1),
                new Figure(
                        "drift: a shift of 0.5 sigma, the latest of " + SHIFTS,
                        "found within 3 windows",
                        latest + " windows",
                        latest <= MOST_WINDOWS));
    }

    private static DriftMonitor monitor(SplittableRandom random) {
        return DriftMonitor.reference(List.of(normal(random, REFERENCE, 0)))
                .window(WINDOW)
                .start();
    }

    private static Map<String, Tensor> normal(SplittableRandom random, int rows, double mean) {
        float[] values = new float[rows * 2];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() + mean);
        }
        return Map.of("x", Tensor.of(values, rows, 2));
    }
}
