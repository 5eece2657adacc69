package dev.tenon.benchmarks.engine;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.OutputPlace;
import dev.tenon.kernel.gemm.Addend;
import dev.tenon.kernel.gemm.GemmProblem;
import dev.tenon.kernel.gemm.MatrixStack;
import dev.tenon.kernel.gemm.PanelLayout;
import dev.tenon.kernel.gemm.ProductSize;
import dev.tenon.kernel.table.Tiers;
import dev.tenon.kernel.table.gemm.GemmKernels;
import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * The kernel for a product with a packed right operand that the kernel table selects where the vector tier is on. Operands
 * are in native memory, and all parts run on the calling thread.
 */
public final class PackedProduct implements PreparedRun {
    private static final int ALIGNMENT = 64;

    private final Kernel kernel;
    private final MemorySegment[] operands;
    private final MemorySegment scratch;

    /**
     * Packs the right operand.
     *
     * @param a a float32 matrix [m,k]
     * @param b a float32 matrix [k,n]
     * @throws IllegalStateException if the vector tier is off
     */
    public PackedProduct(Tensor a, Tensor b) {
        Tiers tiers = Tiers.detect();
        if (!tiers.capabilities().vector()) {
            throw new IllegalStateException("the packed product needs the vector tier:\n" + tiers.describe());
        }
        int m = (int) a.dim(0);
        int k = (int) a.dim(1);
        int n = (int) b.dim(1);
        int inputs = 2;
        kernel = GemmKernels.TABLE.prepare(
                new GemmProblem(
                        DType.FLOAT32,
                        new ProductSize(m, n, k),
                        MatrixStack.single(false, false),
                        DType.FLOAT32,
                        1,
                        Addend.NONE,
                        new OutputPlace(inputs)),
                tiers.capabilities());
        Layout panels = new PanelLayout(tiers.capabilities().vectorBits() / Float.SIZE * 2, false);
        Arena arena = Arena.ofAuto();
        operands = new MemorySegment[] {
            arena.allocate(a.byteSize(), ALIGNMENT),
            arena.allocate(panels.byteSize(b.type()), ALIGNMENT),
            arena.allocate((long) m * n * Float.BYTES, ALIGNMENT)
        };
        Layout.ROW_MAJOR.pack(a, operands[0]);
        panels.pack(b, operands[1]);
        scratch = arena.allocate(kernel.scratchBytes(), ALIGNMENT);
    }

    /** The id of the kernel. */
    public String id() {
        return kernel.id();
    }

    @Override
    public void run() {
        kernel.run(operands, scratch, 0, kernel.parts());
    }

    @Override
    public float[] output() {
        return operands[2].toArray(ValueLayout.JAVA_FLOAT);
    }

    /** Does nothing. The garbage collector frees the memory. */
    @Override
    public void close() {}
}
