package dev.tenon.benchmarks;

import dev.tenon.benchmarks.ceiling.Samples;
import dev.tenon.exec.CallLimits;
import dev.tenon.exec.ExecutionContext;
import dev.tenon.exec.Executor;
import dev.tenon.graph.Graph;
import dev.tenon.graph.GraphBuilder;
import dev.tenon.graph.Value;
import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelSet;
import dev.tenon.op.math.Relu;
import dev.tenon.plan.Compiler;
import dev.tenon.samples.Usage;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.io.PrintStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Locale;

/**
 * Measures short steps on one thread and on two: from how much work on does a second thread pay? The steps compute only
 * in registers. All of them are offered to worker threads, also those that would normally be too short. One thread and
 * two threads take turns.
 */
final class ThreadsRun {
    static final String NAME = "threads";

    private static final List<Integer> MICROS = List.of(10, 20, 50, 100);
    private static final int PARTS = 16;
    private static final int STEPS = 16;
    private static final int TURNS = 60;
    private static final int TURNS_BEFORE = 20;
    private static final long TURN_NANOS = 20_000_000;
    private static final int MEASURED_ROUNDS = 100_000;
    private static final int MEASUREMENTS = 50;
    private static final double NANOS_PER_MICRO = 1e3;
    private static final double NANOS_PER_MILLI = 1e6;
    private static final double MICROS_PER_MILLI = 1e3;

    /** An estimate of the work of a part that is large enough for every step to be shared. */
    private static final long SHARED_NANOS = 100_000;

    private ThreadsRun() {}

    /**
     * A kernel whose parts multiply and add one number again and again.
     *
     * @param rounds how often
     */
    record Work(long rounds) implements Kernel {
        @Override
        public String id() {
            return "work";
        }

        @Override
        public int parts() {
            return PARTS;
        }

        @Override
        public long partNanos() {
            return SHARED_NANOS;
        }

        @Override
        public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
            for (int part = from; part < to; part++) {
                float x = operands[0].getAtIndex(ValueLayout.JAVA_FLOAT, part);
                operands[1].setAtIndex(ValueLayout.JAVA_FLOAT, part, compute(x, rounds));
            }
        }

        private static float compute(float x, long rounds) {
            float y = x;
            for (long i = 0; i < rounds; i++) {
                y = y * 0.5f + x;
            }
            return y;
        }

        /** The number of rounds that a thread does in a microsecond. */
        private static double roundsAMicro() {
            double best = 0;
            float sum = 0;
            for (int i = 0; i < MEASUREMENTS; i++) {
                long start = System.nanoTime();
                sum += compute(1 + i, MEASURED_ROUNDS);
                best = Math.max(best, MEASURED_ROUNDS * NANOS_PER_MICRO / (System.nanoTime() - start));
            }
            return sum > 0 ? best : 1;
        }
    }

    /** Calls of a chain of equal steps. */
    static final class Calls {
        private final Executor executor;
        private final Tensor x;
        private final Tensor y = Tensor.allocateNative(DType.FLOAT32, PARTS);

        /**
         * Plans the steps.
         *
         * @param rounds the rounds of each part, see {@link Work}
         * @param threads the threads of a call
         */
        Calls(long rounds, int threads) {
            GraphBuilder b = new GraphBuilder("steps");
            Value v = b.input("x", new TensorType(DType.FLOAT32, Shape.of(PARTS)));
            for (int i = 0; i < STEPS; i++) {
                v = b.add(new Relu(), v);
            }
            Graph graph = b.output("y", v).build();
            KernelSet kernels = KernelSet.empty().with(Relu.class, (op, step) -> new Work(rounds));
            Compiler compiler = new Compiler(kernels, Capabilities.SCALAR, Compiler.Optimization.NONE);
            executor = new Executor(compiler.compile(graph), compiler, CallLimits.NONE, threads, null);
            x = Tensor.allocateNative(DType.FLOAT32, PARTS);
            for (int i = 0; i < PARTS; i++) {
                x.setDouble(i, i + 1);
            }
        }

        /** Runs all steps. */
        void run() {
            ExecutionContext context = executor.acquire();
            context.inputs()[0] = x;
            context.outputs()[0] = y;
            executor.run(context);
            executor.release(context);
        }

        /** The output of the last run. */
        float[] output() {
            return y.toFloatArray();
        }

        private void turn(Samples into) {
            long end = System.nanoTime() + TURN_NANOS;
            while (System.nanoTime() < end) {
                long before = System.nanoTime();
                run();
                long nanos = System.nanoTime() - before;
                if (into != null) {
                    into.add(nanos / NANOS_PER_MILLI, 1);
                }
            }
        }
    }

    /** {@return the usage of this run} */
    static Usage usage() {
        return Usage.of("benchmarks/run " + NAME, "Steps of 10 to 100 microseconds: two threads against one.")
                .spaced()
                .example("benchmarks/run " + NAME);
    }

    /**
     * Runs the suite.
     *
     * @param out receives the table
     * @param arguments the name of the suite
     * @throws UsageException if there are more arguments, or if there is only one processor
     */
    static void run(PrintStream out, String... arguments) throws UsageException {
        if (arguments.length > 1) {
            throw new UsageException("unexpected: " + arguments[1] + "; suite " + NAME + " has no options");
        }
        if (Executor.workers(2) < 2) {
            throw new UsageException("suite " + NAME + " needs two processors, but the JVM has only one");
        }
        double roundsAMicro = Work.roundsAMicro();
        out.printf(
                Locale.ROOT,
                "%-22s | %-19s | %-19s | %s%n",
                "microseconds of a step",
                "one thread p50 (min)",
                "two threads",
                "one : two, p50 (min)");
        for (int micros : MICROS) {
            long rounds = Math.round(micros * roundsAMicro / PARTS);
            Calls[] calls = {new Calls(rounds, 1), new Calls(rounds, 2)};
            Samples[] times = {new Samples(), new Samples()};
            for (int turn = 0; turn < TURNS_BEFORE + TURNS; turn++) {
                for (int i = 0; i < calls.length; i++) {
                    calls[i].turn(turn < TURNS_BEFORE ? null : times[i]);
                }
            }
            out.printf(
                    Locale.ROOT,
                    "%-22d | %10.1f (%6.1f) | %10.1f (%6.1f) | %.2f (%.2f)%n",
                    micros,
                    aStep(times[0], 0.5),
                    aStep(times[0], 0),
                    aStep(times[1], 0.5),
                    aStep(times[1], 0),
                    times[0].quantile(0.5) / times[1].quantile(0.5),
                    times[0].min() / times[1].min());
        }
    }

    private static double aStep(Samples samples, double share) {
        return samples.quantile(share) * MICROS_PER_MILLI / STEPS;
    }
}
