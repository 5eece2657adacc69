package dev.tenon.kernel.vector.conv;

import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.Tiling;
import dev.tenon.kernel.conv.ChannelsLastConvProblem;
import dev.tenon.kernel.conv.ConvProblem;
import dev.tenon.kernel.vector.SimdSpecies;
import dev.tenon.kernel.vector.gemm.RowSource;
import dev.tenon.kernel.vector.gemm.VectorGemm;
import java.lang.foreign.MemorySegment;

/**
 * Convolution of float32 planes whose channels lie last, as the product of windows, {@code [windows, terms]}, with the
 * weights, {@code [terms, outputs]}, which are packed in panels. A window of one element is a row of the input; others
 * are put together by {@link Im2col}, some rows at a time. Each element is summed as {@link VectorGemm} has it. A
 * weight that is not finite makes NaN of padding.
 */
public final class VectorChannelsLastProduct implements Kernel {
    private final ChannelsLastConvProblem problem;
    private final Tiling tiling;
    private final ConvProblem p;
    private final VectorGemm gemm;
    private final TileEpilogue epilogue;

    private VectorChannelsLastProduct(ChannelsLastConvProblem problem, Tiling tiling) {
        this.problem = problem;
        this.tiling = tiling;
        p = problem.conv();
        int windows = Math.toIntExact(p.instances() * p.window().windows());
        RowSource source = p.window().isIdentity() ? null : new Im2col(p.window(), p.inputs());
        gemm = new VectorGemm(windows, p.outputs(), (int) p.terms(), tiling, source);
        epilogue = TileEpilogue.behind(BoundedSum.before(p.epilogue(), problem), 0);
    }

    /**
     * The kernel of a convolution.
     *
     * @param p a convolution of one group, its weights in panels
     * @param tiling the sizes of blocks
     * @return the kernel
     */
    public static Kernel of(ChannelsLastConvProblem p, Tiling tiling) {
        return new VectorChannelsLastProduct(p, tiling);
    }

    @Override
    public String id() {
        return TileEpilogue.id(p.epilogue(), "conv_f32_last_product_vector" + SimdSpecies.BITS);
    }

    @Override
    public String tiling() {
        return gemm.blocking().toString();
    }

    @Override
    public int parts() {
        return gemm.parts();
    }

    @Override
    public long partNanos() {
        return gemm.partNanos();
    }

    @Override
    public long scratchBytes() {
        return epilogue != null && epilogue.stored() != null ? 0 : TileEpilogue.scratchBytes(epilogue, 0);
    }

    @Override
    public Kernel apart(int pitch) {
        ChannelsLastConvProblem part = problem.apart(pitch, SimdSpecies.LANES);
        return part == null ? null : new VectorChannelsLastProduct(part, tiling);
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        MemorySegment bias = p.bias() < 0 ? null : operands[p.bias()];
        MemorySegment y = operands[p.output()];
        int pitch = problem.pitch();
        MemorySegment x = operands[0];
        gemm.run(from, to, x, 0, p.terms(), operands[1], 0, y, 0, pitch, bias, 0, false, epilogue, operands, scratch);
    }
}
