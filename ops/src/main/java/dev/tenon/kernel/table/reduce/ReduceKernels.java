package dev.tenon.kernel.table.reduce;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.StagedKernel;
import dev.tenon.kernel.reduce.ReduceProblem;
import dev.tenon.kernel.scalar.reduce.ScalarReduce;
import dev.tenon.kernel.vector.reduce.VectorReduce;
import dev.tenon.op.Op;
import dev.tenon.op.reduce.Reduction;
import dev.tenon.op.reduce.Reduction.Kind;
import dev.tenon.tensor.DType;
import java.util.Arrays;
import java.util.List;

/**
 * Kernels of the reductions for float32. Neighbouring axes that are reduced form a run. One stage reduces up to two runs if the
 * last axis is in one of them, or one run. One more run takes two stages, with float32 results in between. More runs, other
 * element types, and axes that are not constant, run through the reference; so do products that would take two stages, because
 * the results of the first might exceed float32.
 */
public final class ReduceKernels implements KernelFamily<ReduceProblem> {
    /** A sample of a batch has about so many lines: channels, or tokens. */
    private static final double TYPICAL_LINES = 16;

    /** The kernels of the family. */
    public static final KernelTable<ReduceProblem> TABLE = new KernelTable<>(
            "reduce",
            List.of(
                    new KernelChoice<>("reduce_f32_vector", ReduceKernels::refuse, p -> VectorReduce.of(p)),
                    KernelChoice.fallback("reduce_f32_scalar", ScalarReduce::new)));

    /** The family. */
    public static final ReduceKernels FAMILY = new ReduceKernels();

    private ReduceKernels() {}

    private static String refuse(ReduceProblem p, Capabilities c) {
        return p.elementsPerOutput() == 0
                ? "nothing to reduce"
                : c.refuseLines(TYPICAL_LINES * p.middle() * p.columns() * p.depth());
    }

    @Override
    public KernelTable<ReduceProblem> table(ReduceProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<ReduceProblem> problem(Op op, KernelRequest step) {
        if (step.dtype(0) != DType.FLOAT32 || !step.isRowMajor() || (step.has(1) && step.constant(1) == null)) {
            return ProblemOrReason.none("the element type is not float32, or the axes are not constant");
        }
        ReduceProblem problem =
                problem(((Reduction) op).kind(), step.dims(0), reduced((Reduction) op, step), step.inputCount());
        return problem == null
                ? ProblemOrReason.none("the reduced axes form several runs, and no kernel takes them in one stage")
                : ProblemOrReason.of(problem);
    }

    private static boolean[] reduced(Reduction op, KernelRequest step) {
        return op.reduced(
                step.has(1) ? step.constant(1).toLongArray() : null,
                step.inputs().getFirst().shape().rank());
    }

    @Override
    public Kernel prepare(Op op, KernelRequest step) {
        ProblemOrReason<ReduceProblem> found = problem(op, step);
        boolean known =
                step.dtype(0) == DType.FLOAT32 && step.isRowMajor() && (!step.has(1) || step.constant(1) != null);
        return found.isProblem() || !known
                ? prepare(found, step)
                : staged(((Reduction) op).kind(), step.dims(0), reduced((Reduction) op, step), step);
    }

    @Override
    public String reasonAgainstRows(Op op, KernelRequest step) {
        if (step.has(1) && step.constant(1) == null) {
            return "the axes are not constant";
        }
        long[] sizes = new long[step.inputs().getFirst().shape().rank()];
        Arrays.fill(sizes, 2);
        return problem(Kind.SUM, sizes, reduced((Reduction) op, step), 1) == null
                ? "the reduced axes form several runs"
                : null;
    }

    /** Prepares a kernel of two stages, or returns null if there is none. */
    private static Kernel staged(Kind kind, long[] dims, boolean[] reduced, KernelRequest step) {
        boolean[] first = lastRuns(dims, reduced);
        long[] left = dims.clone();
        long elements = 1;
        for (int i = 0; i < dims.length; i++) {
            left[i] = first[i] ? 1 : dims[i];
            elements *= left[i];
        }
        int shared = step.inputCount() + 1;
        ReduceProblem one = problem(kind == Kind.LOG_SUM ? Kind.SUM : kind, dims, first, 0, shared);
        ReduceProblem other = problem(combining(kind), left, reduced, shared, step.inputCount());
        boolean none = elements == 0
                || one == null
                || other == null
                || one.elementsPerOutput() == 0
                || other.elementsPerOutput() == 0;
        if (none || kind == Kind.PROD) {
            return null;
        }
        List<Kernel> stages =
                List.of(TABLE.prepare(one, step.capabilities()), TABLE.prepare(other, step.capabilities()));
        return StagedKernel.of(stages.getFirst().id(), stages, elements * Float.BYTES);
    }

    /** The axes that the first stage reduces: the last two runs, or the last one if other axes follow it. */
    private static boolean[] lastRuns(long[] dims, boolean[] reduced) {
        boolean[] last = new boolean[dims.length];
        int runs = 0;
        int maxRuns = 0;
        boolean within = false;
        for (int i = dims.length - 1; i >= 0; i--) {
            if (dims[i] == 1) {
                continue;
            }
            maxRuns = maxRuns > 0 ? maxRuns : reduced[i] ? 2 : 1;
            runs += reduced[i] && !within ? 1 : 0;
            within = reduced[i];
            last[i] = within && runs <= maxRuns;
        }
        return last;
    }

    /** The reduction that combines the results of a reduction of parts. */
    private static Kind combining(Kind kind) {
        return switch (kind) {
            case SUM_SQUARE, L1 -> Kind.SUM;
            default -> kind;
        };
    }

    /**
     * The problem of a reduction of the first operand.
     *
     * @param kind the reduction
     * @param dims the dimensions of the data
     * @param reduced whether each axis is reduced
     * @param output the index of the output among the operands
     * @return the problem, or null if there are more than two runs of reduced axes, or other axes after two runs
     */
    public static ReduceProblem problem(Kind kind, long[] dims, boolean[] reduced, int output) {
        return problem(kind, dims, reduced, 0, output);
    }

    private static ReduceProblem problem(Kind kind, long[] dims, boolean[] reduced, int input, int output) {
        long[] runs = {1, 1, 1, 1};
        int run = 0;
        for (int i = 0; i < dims.length; i++) {
            if (dims[i] == 1) {
                continue;
            }
            // Runs of even index are not reduced, those of odd index are.
            if (reduced[i] != (run % 2 == 1)) {
                run++;
            }
            if (run == runs.length) {
                return null;
            }
            runs[run] *= dims[i];
        }
        if (runs[2] == 1) {
            return new ReduceProblem(kind, runs[0], 1, 1, runs[1] * runs[3], input, output);
        }
        return new ReduceProblem(kind, runs[0], runs[1], runs[2], runs[3], input, output);
    }
}
