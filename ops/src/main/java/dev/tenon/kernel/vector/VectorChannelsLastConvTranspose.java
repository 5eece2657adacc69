package dev.tenon.kernel.vector;

import dev.tenon.kernel.ConvProblem;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.RowParts;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Transposed convolution of float32 planes whose channels lie last and whose windows lie side by side on the output: a line
 * of the output is the product of a line of the input, {@code [elements, inputs]}, with the weights of one row of a window,
 * {@code [inputs, columns * outputs]}, which are packed in panels. Each element is summed as {@link VectorGemm} has it.
 *
 * <p>A part is some lines of the input.
 */
public final class VectorChannelsLastConvTranspose implements Kernel {
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT;
    private static final long PART_WORK = 1 << 19;

    private final ConvProblem p;
    private final int width;
    private final int n;
    private final RowParts split;
    private final VectorGemm gemm;
    private final TileEpilogue epilogue;

    private VectorChannelsLastConvTranspose(ConvProblem p, Tiling tiling) {
        this.p = p;
        width = p.window().columns().output();
        n = Math.multiplyExact(p.window().columns().kernel(), p.outputs());
        long lines = (long) p.instances() * p.window().rows().output();
        split = RowParts.of(lines, (long) width * p.outputs() * p.terms(), PART_WORK);
        gemm = new VectorGemm(width, n, p.inputs(), tiling);
        epilogue = TileEpilogue.behind(p.epilogue(), ownBytes());
    }

    /**
     * A kernel.
     *
     * @param p the convolution that this is the adjoint of, of one group, its windows side by side
     * @param tiling the sizes of blocks
     * @return the kernel
     */
    public static Kernel of(ConvProblem p, Tiling tiling) {
        return new VectorChannelsLastConvTranspose(p, tiling);
    }

    @Override
    public String id() {
        return TileEpilogue.id(epilogue, "convtranspose_f32_last_vector" + VectorShape.BITS);
    }

    @Override
    public String tiling() {
        return gemm.blocking().toString();
    }

    @Override
    public int parts() {
        return split.parts();
    }

    @Override
    public long partNanos() {
        return 1 + split.most() * p.window().rows().kernel() * gemm.parts() * gemm.partNanos();
    }

    /** The bias of each column of the product. */
    private long ownBytes() {
        return p.bias() < 0 ? 0 : (long) n * Float.BYTES;
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(epilogue, ownBytes());
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        for (int j = 0; j < n && p.bias() >= 0; j++) {
            float start = operands[p.bias()].get(F32, (long) (j % p.outputs()) * Float.BYTES);
            scratch.set(F32, (long) j * Float.BYTES, start);
        }
        int rows = p.window().rows().kernel();
        for (long line = split.start(from); line < split.start(to); line++) {
            for (int row = 0; row < rows; row++) {
                multiply(operands, scratch, line, row, line * rows + row);
            }
        }
    }

    private void multiply(MemorySegment[] operands, MemorySegment scratch, long line, int row, long target) {
        gemm.run(
                0,
                gemm.parts(),
                operands[0],
                line * width * p.inputs() * Float.BYTES,
                p.inputs(),
                operands[1],
                row * VectorPanels.byteSize(p.inputs(), n),
                operands[p.output()],
                target * width * n * Float.BYTES,
                n,
                p.bias() < 0 ? null : scratch,
                0,
                false,
                epilogue,
                operands,
                scratch);
    }
}
