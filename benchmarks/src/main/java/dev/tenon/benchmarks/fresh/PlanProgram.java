package dev.tenon.benchmarks.fresh;

import dev.tenon.Model;
import dev.tenon.graph.Graph;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.kernel.table.Tiers;
import dev.tenon.plan.Planner;
import dev.tenon.plan.Program;
import dev.tenon.plan.ShapeKey;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/**
 * Plans a BERT for one length after the other until the JVM has compiled the planner, then prints the time of a plan.
 */
public final class PlanProgram {
    /** The time of a plan in microseconds, the median of all lengths. */
    public static final String PLAN = "plan";

    private static final int LENGTHS = 500;
    private static final int ROUNDS = 60;
    private static final long NANOS_PER_MICRO = 1000;

    private PlanProgram() {}

    /**
     * Runs the program.
     *
     * @param arguments the file of the model
     */
    public static void main(String[] arguments) {
        Graph graph = Model.load(Path.of(arguments[0])).session().inspect().graph();
        Program program = new Program(graph, CoreKernels.set(), Tiers.detect().capabilities());
        long[] nanos = new long[LENGTHS];
        for (int round = 0; round < ROUNDS; round++) {
            for (int i = 0; i < LENGTHS; i++) {
                List<TensorType> types = new ArrayList<>(
                        Collections.nCopies(graph.inputs().size(), new TensorType(DType.INT64, Shape.of(1, i + 2))));
                ShapeKey key = ShapeKey.of(types);
                long before = System.nanoTime();
                Planner.plan(program, key, Long.MAX_VALUE);
                nanos[i] = System.nanoTime() - before;
            }
        }
        Arrays.sort(nanos);
        FreshJvm.tell(PLAN, nanos[LENGTHS / 2] / NANOS_PER_MICRO);
    }
}
