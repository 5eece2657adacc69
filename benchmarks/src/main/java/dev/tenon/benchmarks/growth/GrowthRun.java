package dev.tenon.benchmarks.growth;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.SaveOptions;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.ValueInfo;
import dev.tenon.error.ResourceLimitException;
import dev.tenon.samples.Usage;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Measures the stages of models that grow: load, session, first call, next call, a call into tensors of the caller,
 * write, explain. If the time for one element is more than {@value #MOST} times as long at ten times the size, the line is
 * marked: something there grows faster than the model.
 *
 * <p>Each size is run several times, and the shortest processor time of a stage counts, on one thread. {@code benchmarks/run}
 * gives it a heap whose pages have been touched: large models would pay for that otherwise. Times below a
 * millisecond are not judged, nor are sizes that the limits of loading refuse.
 */
public final class GrowthRun {
    /** The name of the suite. */
    public static final String NAME = "growth";

    private static final double MOST = 1.5;
    private static final double LEAST_MILLIS = 1;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double NANOS_PER_MICRO = 1e3;
    private static final int LEAST = 1000;
    private static final int DECADE = 10;
    private static final int LARGEST = 100_000;
    private static final String MOST_OPTION = "--most";
    private static final int ELEMENTS_RUN = 30_000;
    private static final int FEWEST_RUNS = 3;
    private static final int MOST_RUNS = 10;

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private enum Stage {
        LOAD,
        SESSION,
        FIRST_CALL,
        NEXT_CALL,
        CALL_INTO,
        WRITE,
        EXPLAIN
    }

    private GrowthRun() {}

    /** {@return the usage of this run} */
    public static Usage usage() {
        return Usage.of("benchmarks/run " + NAME, "How load, session and plan grow with the size of a model.")
                .spaced()
                .arguments("[FAMILY...]", "families of models, all if none is given")
                .option("--most", "N", "the largest size")
                .exit(1, "failure, or a time for one element grows too fast")
                .example("benchmarks/run " + NAME, "benchmarks/run " + NAME + " --most 10000");
    }

    /**
     * Runs the suite.
     *
     * @param out receives the table
     * @param arguments the name of the suite, then perhaps the largest size, then names of families; all families if
     *     there is none
     * @return true if no time for one element grows too fast
     * @throws IllegalArgumentException if there is no such family
     */
    public static boolean run(PrintStream out, String... arguments) {
        List<Family> families = new ArrayList<>();
        int most = LARGEST;
        for (int i = 1; i < arguments.length; i++) {
            if (arguments[i].equals(MOST_OPTION) && i + 1 < arguments.length) {
                most = Integer.parseInt(arguments[++i]);
            } else {
                families.add(family(arguments[i]));
            }
        }
        List<Integer> sizes = new ArrayList<>();
        for (int size = LEAST; size <= most; size *= DECADE) {
            sizes.add(size);
        }
        out.printf(
                Locale.ROOT,
                "%-16s %-11s %s   growth for one element%n",
                "family",
                "stage",
                String.join(
                        " ",
                        sizes.stream()
                                .map(n -> String.format(Locale.ROOT, "%,18d", n))
                                .toList()));
        boolean good = true;
        for (Family family : families.isEmpty() ? List.of(Family.values()) : families) {
            good &= run(out, family, sizes);
        }
        return good;
    }

    private static Family family(String name) {
        for (Family family : Family.values()) {
            if (family.title().equals(name)) {
                return family;
            }
        }
        throw new IllegalArgumentException("no family '" + name + "'; there are "
                + String.join(
                        ", ", Arrays.stream(Family.values()).map(Family::title).toList()));
    }

    private static boolean run(PrintStream out, Family family, List<Integer> sizes) {
        double[][] millis = new double[sizes.size()][];
        for (int s = 0; s < millis.length; s++) {
            byte[] file = family.file(sizes.get(s));
            int runs = Math.clamp(ELEMENTS_RUN / sizes.get(s), FEWEST_RUNS, MOST_RUNS);
            millis[s] = new double[Stage.values().length];
            Arrays.fill(millis[s], Double.MAX_VALUE);
            try {
                for (int run = 0; run < runs; run++) {
                    System.gc();
                    measure(file, millis[s]);
                }
            } catch (ResourceLimitException e) {
                // A limit of loading depends on the heap: larger models are not judged.
                out.println(family.title() + " with " + sizes.get(s) + " is refused: " + e.getMessage());
                return print(out, family, sizes.subList(0, s), millis);
            }
        }
        return print(out, family, sizes, millis);
    }

    private static boolean print(PrintStream out, Family family, List<Integer> sizes, double[][] millis) {
        boolean good = true;
        for (Stage stage : Stage.values()) {
            good &= print(out, family, stage, sizes, millis);
        }
        return good;
    }

    private static boolean print(PrintStream out, Family family, Stage stage, List<Integer> sizes, double[][] millis) {
        StringBuilder line = new StringBuilder(String.format(
                Locale.ROOT,
                "%-16s %-11s",
                family.title(),
                stage.name().toLowerCase(Locale.ROOT).replace('_', ' ')));
        StringBuilder growth = new StringBuilder();
        boolean good = true;
        for (int s = 0; s < sizes.size(); s++) {
            double now = millis[s][stage.ordinal()];
            line.append(String.format(Locale.ROOT, " %9.2f ms %5.2f", now, now * NANOS_PER_MICRO / sizes.get(s)));
            if (s > 0) {
                double before = millis[s - 1][stage.ordinal()];
                double factor = now / sizes.get(s) / (before / sizes.get(s - 1));
                boolean tooFast = factor > MOST && before > LEAST_MILLIS;
                good &= !tooFast;
                growth.append(String.format(Locale.ROOT, " %5.2f%s", factor, tooFast ? " !" : ""));
            }
        }
        out.println(line + " us  " + growth);
        return good;
    }

    private static void measure(byte[] file, double[] millis) {
        long t0 = nanos();
        Model model = Model.load(ByteBuffer.wrap(file));
        long t1 = nanos();
        Session session = model.session(SessionOptions.standard().threads(1));
        long t2 = nanos();
        Map<String, Tensor> inputs = inputs(model);
        long t3 = nanos();
        Outputs first = session.predict(inputs);
        long t4 = nanos();
        Outputs next = session.predict(inputs);
        long t5 = nanos();
        keep(millis, Stage.CALL_INTO, callInto(session, inputs, next));
        if (!first.keySet().equals(next.keySet())) {
            throw new IllegalStateException("outputs " + first.keySet() + " and " + next.keySet());
        }
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        long beforeWriting = nanos();
        model.save(written, SaveOptions.standard());
        long t6 = nanos();
        session.inspect().explain(inputs);
        session.inspect().mapping();
        long t7 = nanos();
        keep(millis, Stage.LOAD, t1 - t0);
        keep(millis, Stage.SESSION, t2 - t1);
        keep(millis, Stage.FIRST_CALL, t4 - t3);
        keep(millis, Stage.NEXT_CALL, t5 - t4);
        keep(millis, Stage.WRITE, t6 - beforeWriting);
        keep(millis, Stage.EXPLAIN, t7 - t6);
    }

    /** The time of a call into tensors of the caller, for all outputs that are tensors of numbers. */
    private static long callInto(Session session, Map<String, Tensor> inputs, Outputs outputs) {
        Map<String, Tensor> into = new LinkedHashMap<>();
        for (String name : outputs.keySet()) {
            if (outputs.get(name) instanceof Tensor t && t.dtype() != DType.STRING) {
                into.put(name, Tensor.allocateNative(t.dtype(), t.dims()));
            }
        }
        long start = nanos();
        session.predict(inputs, into);
        return nanos() - start;
    }

    /** The processor time of this thread, without collections of garbage and without other load of the machine. */
    private static long nanos() {
        return THREADS.getCurrentThreadCpuTime();
    }

    private static void keep(double[] millis, Stage stage, long nanos) {
        millis[stage.ordinal()] = Math.min(millis[stage.ordinal()], nanos / NANOS_PER_MILLI);
    }

    /** Zeros for each input, with 4 for each symbol. */
    static Map<String, Tensor> inputs(Model model) {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (ValueInfo input : model.inputs()) {
            TensorType type = (TensorType) input.type();
            long[] dims = new long[type.shape().rank()];
            for (int i = 0; i < dims.length; i++) {
                dims[i] = type.shape().dim(i).orElse(4);
            }
            boolean flag = type.dtype() == DType.BOOL;
            inputs.put(input.name(), flag ? Tensor.scalar(true) : Tensor.allocate(type.dtype(), dims));
        }
        return inputs;
    }
}
