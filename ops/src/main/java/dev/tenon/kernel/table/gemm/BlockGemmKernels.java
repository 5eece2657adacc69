package dev.tenon.kernel.table.gemm;

import dev.tenon.kernel.Capabilities;
import dev.tenon.kernel.CodeForm;
import dev.tenon.kernel.KernelChoice;
import dev.tenon.kernel.KernelRequest;
import dev.tenon.kernel.KernelTable;
import dev.tenon.kernel.Layout;
import dev.tenon.kernel.OutputPlace;
import dev.tenon.kernel.ProblemOrReason;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.gemm.BlockGemmProblem;
import dev.tenon.kernel.gemm.BlockedWeights;
import dev.tenon.kernel.gemm.ProductSize;
import dev.tenon.kernel.scalar.gemm.ScalarBlockGemm;
import dev.tenon.kernel.scalar.gemm.ScalarFormatGemm;
import dev.tenon.kernel.table.fused.AnchorFamily;
import dev.tenon.kernel.table.fused.FusedBody;
import dev.tenon.kernel.x64.blocks.BlockNumbersLayout;
import dev.tenon.kernel.x64.blocks.BlockPanelLayout;
import dev.tenon.kernel.x64.blocks.FormatPanelLayout;
import dev.tenon.kernel.x64.blocks.X64BlockGemm;
import dev.tenon.kernel.x64.gemm.ByteArithmetic;
import dev.tenon.op.Op;
import dev.tenon.op.fused.BlockQuantizedMatMul;
import dev.tenon.op.quant.BlockFormat;
import dev.tenon.op.quant.BlockMatMul;
import dev.tenon.tensor.Tensor;
import java.util.List;

/** Kernels of BlockQuantizedMatMul and BlockMatMul, whose weights stay integers of a few bits. */
public final class BlockGemmKernels implements AnchorFamily<BlockGemmProblem> {
    /** The kernels of the family. */
    public static final KernelTable<BlockGemmProblem> TABLE = new KernelTable<>(
            "block_gemm",
            List.of(
                    new KernelChoice<>(
                            "block_gemm_s8_x64",
                            ByteArithmetic.FORMS,
                            (p, c) -> p.allowsBytes() ? refuseBytes(p, c) : "the operator asks for float32",
                            (p, c, form) -> X64BlockGemm.of(p, true, ByteArithmetic.of(form))),
                    new KernelChoice<>(
                            "block_gemm_f32_x64",
                            ByteArithmetic.FORMS,
                            (p, c) -> mustRound(p) ? "the operator rounds rows to bytes" : refuse(p),
                            (p, c, form) -> X64BlockGemm.of(p, false, ByteArithmetic.of(form))),
                    new KernelChoice<>(
                            "block_gemm_scalar",
                            (p, c) -> p.format() == null ? refusePacked(p) : "the weights are blocks of a format",
                            ScalarBlockGemm::new),
                    new KernelChoice<>(
                            "block_gemm_format_scalar",
                            (p, c) -> p.format() == null ? "the weights have no format" : refusePacked(p),
                            ScalarFormatGemm::new)));

    /** The family. */
    public static final BlockGemmKernels FAMILY = new BlockGemmKernels();

    private static final int BIAS = 4;
    private static final int LEAST_BLOCK = 16;
    private static final int MOST_BLOCK = 256;

    /** A panel of so many terms is an array. */
    private static final int MOST_TERMS = 1 << 26;

    private BlockGemmKernels() {}

    private static boolean mustRound(BlockGemmProblem p) {
        return p.format() != null && p.allowsBytes();
    }

    private static String refusePacked(BlockGemmProblem p) {
        return p.packing().equals(Layout.ROW_MAJOR) ? null : "the weights are packed";
    }

    private static String refuse(BlockGemmProblem p) {
        return p.packing() instanceof BlockPanelLayout || p.packing() instanceof FormatPanelLayout
                ? null
                : "the weights are not packed for it";
    }

    private static String refuseBytes(BlockGemmProblem p, Capabilities c) {
        String reason = refuse(p);
        return reason != null || mustRound(p) || c.multipliesBytes()
                ? reason
                : "products of float32 are faster on this machine";
    }

    @Override
    public boolean pays(Capabilities machine) {
        return CodeForm.best(ByteArithmetic.FORMS, machine) != null;
    }

    @Override
    public Layout constantLayout(Op operator, int input, KernelRequest step) {
        if (operator instanceof BlockMatMul product) {
            return formatLayout(product.format(), input, step);
        }
        BlockQuantizedMatMul op = (BlockQuantizedMatMul) operator;
        Tensor b = step.constant(1);
        Tensor scales = step.constant(2);
        boolean packs = pays(step.capabilities())
                && b != null
                && scales != null
                && b.rank() == 2
                && fits(b.dim(0), b.dim(1))
                && b.dim(1) > 0
                && scales.shapeIs(new long[] {b.dim(0), Math.ceilDiv(b.dim(1), op.blockSize())})
                && (!step.has(BlockGemmProblem.ZEROS) || step.constant(BlockGemmProblem.ZEROS) != null)
                && isPackedBlock(op.blockSize());
        if (!packs || input == 0 || input == BIAS) {
            return Layout.ROW_MAJOR;
        }
        if (input == 2) {
            return BlockNumbersLayout.scales(BlockNumbersLayout.areHalves(scales));
        }
        int zero = BlockNumbersLayout.common(step.constant(BlockGemmProblem.ZEROS), b.dtype());
        if (input == BlockGemmProblem.ZEROS) {
            return zero < 0 ? BlockNumbersLayout.ZEROS : Layout.ROW_MAJOR;
        }
        return new BlockPanelLayout(
                b.dtype().bits(),
                b.dtype().isSigned(),
                (int) op.blockSize(),
                zero,
                BlockNumbersLayout.areHalves(scales));
    }

    private Layout formatLayout(BlockFormat format, int input, KernelRequest step) {
        Tensor b = step.constant(1);
        boolean packs = input == 1
                && pays(step.capabilities())
                && b != null
                && b.dim(1) > 0
                && format.elements(b.dim(1)) <= MOST_TERMS
                && fits(b.dim(0), format.elements(b.dim(1)));
        return packs ? new FormatPanelLayout(format) : Layout.ROW_MAJOR;
    }

    private static boolean isPackedBlock(long block) {
        return block >= LEAST_BLOCK && block <= MOST_BLOCK && Long.bitCount(block) == 1;
    }

    /** Whether a matrix of float32 may have these sides, which keeps offsets of packed ones in range. */
    private static boolean fits(long rows, long columns) {
        return GemmKernels.fits(rows, columns + MOST_BLOCK) && GemmKernels.fits(rows + LEAST_BLOCK, columns);
    }

    @Override
    public KernelTable<BlockGemmProblem> table(BlockGemmProblem problem) {
        return TABLE;
    }

    @Override
    public ProblemOrReason<BlockGemmProblem> with(BlockGemmProblem product, FusedBody body) {
        int row = product.bias() < 0 ? body.addend(-1, product.n()) : -1;
        int first = row < 0 ? 0 : 1;
        TileEpilogue epilogue = body.epilogue(first);
        return epilogue == null && first < body.parts()
                ? ProblemOrReason.none(GemmKernels.NO_LOOP)
                : ProblemOrReason.of(
                        product.with(row < 0 ? product.bias() : row, new OutputPlace(body.inputs(), epilogue)));
    }

    @Override
    public ProblemOrReason<BlockGemmProblem> problem(Op operator, KernelRequest step) {
        if (operator instanceof BlockMatMul product) {
            return problem(product, step);
        }
        BlockQuantizedMatMul op = (BlockQuantizedMatMul) operator;
        long[] b = step.dims(1);
        long rows = step.outputs().getFirst().shape().knownElements() / Math.max(1, b[0]);
        boolean hasZeros = step.has(BlockGemmProblem.ZEROS);
        boolean hasBias = step.has(BIAS);
        boolean plain = fits(b[0], b[1])
                && GemmKernels.fits(rows, b[0])
                && GemmKernels.fits(rows, b[1])
                && op.blockSize() <= Integer.MAX_VALUE
                && step.dims(2).length == 2
                && step.dims(2)[1] == Math.ceilDiv(b[1], op.blockSize())
                && (!hasBias || step.dims(BIAS).length == 1 && step.dims(BIAS)[0] == b[0]);
        return plain
                ? ProblemOrReason.of(new BlockGemmProblem(
                        new ProductSize((int) rows, (int) b[0], (int) b[1]),
                        new BlockedWeights(
                                step.dtype(1).bits(), step.dtype(1).isSigned(), (int) op.blockSize(), hasZeros, null),
                        step.layout(1),
                        hasBias ? BIAS : -1,
                        op.allowsBytes(),
                        new OutputPlace(step.inputCount())))
                : ProblemOrReason.none("the scales or the bias have another shape, or " + GemmKernels.TOO_LARGE);
    }

    private static ProblemOrReason<BlockGemmProblem> problem(BlockMatMul op, KernelRequest step) {
        int bias = 2;
        long n = step.dims(1)[0];
        long k = op.format().elements(step.dims(1)[1]);
        long rows = step.outputs().getFirst().shape().knownElements() / Math.max(1, n);
        return fits(n, k) && GemmKernels.fits(rows, n) && GemmKernels.fits(rows, k)
                ? ProblemOrReason.of(new BlockGemmProblem(
                        new ProductSize((int) rows, (int) n, (int) k),
                        BlockedWeights.of(op.format()),
                        step.layout(1),
                        step.has(bias) ? bias : -1,
                        op.activations() == BlockMatMul.Activations.Q8,
                        new OutputPlace(step.inputCount())))
                : ProblemOrReason.none(GemmKernels.TOO_LARGE);
    }
}
