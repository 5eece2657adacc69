package dev.tenon.kernel.table.gemm;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.CodeForm;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelFamily;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.StagedKernel;
import dev.tenon.kernel.gemm.DistanceProblem;
import dev.tenon.kernel.gemm.PanelLayout;
import dev.tenon.kernel.scalar.gemm.ScalarDistances;
import dev.tenon.kernel.scalar.gemm.ScalarPanels;
import dev.tenon.kernel.x64.elementwise.AssembledLoops;
import dev.tenon.kernel.x64.elementwise.UnaryCode;
import dev.tenon.kernel.x64.gemm.X64Distances;
import dev.tenon.op.Op;
import dev.tenon.op.fused.PairwiseDistances;
import dev.tenon.tensor.DType;
import java.util.List;

/** Kernels of PairwiseDistances for float32. Other element types, and rows without elements, run through the reference. */
public final class DistanceKernels implements KernelFamily<DistanceProblem> {
    /** The kernels of the family. */
    public static final KernelTable<DistanceProblem> TABLE = new KernelTable<>(
            "distances",
            List.of(
                    new KernelChoice<>(
                            "distances_f32_x64", CodeForm.PANELS, (p, c) -> null, (p, c, form) -> assembled(p, form)),
                    new KernelChoice<>(
                            "distances_f32_scalar",
                            (p, c) -> p.packed() ? "the second matrix is in panels" : null,
                            (p, c) -> staged(p, new ScalarDistances(p), ScalarDistances.COLUMNS))));

    /** The family. */
    public static final DistanceKernels FAMILY = new DistanceKernels();

    /** A kernel computes a row without a look at the budget of work. */
    private static final long MAX_TERMS = 1 << 26;

    private DistanceKernels() {}

    private static Kernel assembled(DistanceProblem p, CodeForm form) {
        int bits = form.bits();
        Kernel kernel = new X64Distances(p, bits, p.squared() ? null : AssembledLoops.unary(UnaryCode.SQRT, bits, 0));
        return p.packed() ? kernel : staged(p, kernel, form.panelColumns());
    }

    private static Kernel staged(DistanceProblem p, Kernel kernel, int columns) {
        return StagedKernel.of(kernel.id(), List.of(new ScalarPanels(p, columns), kernel), p.bytes(columns));
    }

    private static PanelLayout panels(Capabilities c) {
        return new PanelLayout(c.panelColumns(), true);
    }

    @Override
    public KernelTable<DistanceProblem> table(DistanceProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<DistanceProblem> problem(Op op, KernelRequest step) {
        if (step.dtype(0) != DType.FLOAT32) {
            return ProblemOrReason.none("the element type is " + step.dtype(0).text());
        }
        long[] a = step.dims(0);
        long[] b = step.dims(1);
        boolean packed = step.layout(1).equals(panels(step.capabilities()));
        boolean read = packed || step.layout(1).equals(Layout.ROW_MAJOR);
        boolean fits = a.length == 2 && b.length == 2 && a[1] == b[1] && a[1] > 0;
        if (!read || !fits || a[1] * b[0] > MAX_TERMS) {
            return ProblemOrReason.none(
                    "rows are empty, or there are more than " + MAX_TERMS + " numbers to compare with");
        }
        boolean squared = ((PairwiseDistances) op).squared();
        return ProblemOrReason.of(new DistanceProblem(a[0], (int) b[0], (int) a[1], squared, packed));
    }

    @Override
    public Layout constantLayout(Op op, int input, KernelRequest step) {
        boolean packs = input == 1 && step.dtype(1) == DType.FLOAT32 && step.dims(1)[1] > 0;
        return packs
                        && step.dims(1)[0] * step.dims(1)[1] <= MAX_TERMS
                        && step.capabilities().assemblesPanels()
                ? panels(step.capabilities())
                : Layout.ROW_MAJOR;
    }
}
