package dev.tenon.kernel.x64.gemm;

import dev.tenon.kernel.Bounds;
import dev.tenon.kernel.Kernel;
import dev.tenon.kernel.Ratios;
import dev.tenon.kernel.StoreEpilogue;
import dev.tenon.kernel.TileEpilogue;
import dev.tenon.kernel.gemm.GemmProblem;
import dev.tenon.kernel.gemm.ReducedGemmProblem;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.OperandAddresses;
import dev.tenon.kernel.x64.OperandCheck;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.nativecode.NativeFunction;
import java.lang.foreign.MemorySegment;
import java.util.function.IntFunction;

/**
 * Products of float32 rows with packed weights of bytes or BF16, in machine code. A part first makes its rows bytes, each with
 * a scale and a zero point of its own, or BF16; parts of the same rows that follow use them again. A row's bits depend on the
 * row and the weights alone.
 */
public final class X64ReducedGemm implements Kernel {
    private static final int BRAIN_BITS = 512;
    private static final int PADDING = 64;
    private static final int SCALE_OPERAND = 2;

    /** The multiply-adds of a part. */
    private static final long PART_WORK = 1 << 24;

    /** Multiplications of BF16 numbers in the time of one of float32. */
    private static final double BRAIN_PRODUCTS = 2;

    /** The part of the speed of products of bytes that is left where rows are made bytes first. */
    private static final double QUANTIZING = 0.5;

    /** How many times as fast tile registers are. */
    private static final int AMX_SPEED = 8;

    private final GemmProblem p;
    private final boolean bytes;

    /** How bytes are multiplied; null for BF16. */
    private final ByteArithmetic arithmetic;

    private final BytePanels.Sizes sizes;
    private final TilePartition partition;
    private final PanelProduct block;
    private final PanelProduct lastBlock;
    private final int speed;
    private final NativeFunction rowFunction;
    private final TileEpilogue epilogue;
    private final StoreEpilogue store;

    private X64ReducedGemm(
            ReducedGemmProblem problem,
            ByteArithmetic arithmetic,
            boolean tileRegisters,
            IntFunction<PanelProduct> blocks) {
        p = problem.product();
        bytes = isOfBytes(problem);
        this.arithmetic = bytes ? arithmetic : null;
        sizes = bytes ? panels(arithmetic).sizes(p.k(), p.n()) : null;
        speed = tileRegisters ? AMX_SPEED : 1;
        partition = tileRegisters
                ? TilePartition.ofTileRegisters(p.m(), p.n(), p.k(), PART_WORK * speed)
                : TilePartition.of(1, p.m(), p.n(), p.k(), TilePartition.PART_ROWS, 2 * BytePanels.COLUMNS, PART_WORK);
        int rows = partition.partRows();
        int lastRows = partition.rows(partition.rowParts() - 1, p.m());
        block = blocks.apply(rows);
        lastBlock = rows == lastRows ? block : blocks.apply(lastRows);
        rowFunction = bytes ? quantizer(arithmetic) : KernelCode.of("rows_f32_to_bf16_avx512bf16", RowEmitter::rounder);
        epilogue = TileEpilogue.withScratchAfter(p.epilogue(), ownScratchBytes());
        store = epilogue == null ? null : epilogue.asStoreEpilogue();
    }

    private static boolean isOfBytes(ReducedGemmProblem problem) {
        return problem.kind() == ReducedGemmProblem.Kind.BYTES;
    }

    private static TileEnds ends(ReducedGemmProblem problem) {
        return isOfBytes(problem) ? new IntegerEnds(IntegerEnds.Result.FLOAT32) : new FloatEnds();
    }

    /** The product of some rows without tile registers. */
    static PanelProduct vectors(ReducedGemmProblem problem, ByteArithmetic arithmetic, int rows) {
        return isOfBytes(problem)
                ? new BlockProduct(arithmetic.product(false), ends(problem), arithmetic.panelVectors(), rows)
                : new BlockProduct(new BFloat16Product(), ends(problem), 1, rows);
    }

    /**
     * The kernel of a problem.
     *
     * @param problem the problem, whose weights are packed in {@link #panels} or {@link BFloat16PanelLayout}
     * @param arithmetic how the machine multiplies bytes, whatever the weights
     * @return the kernel
     */
    public static Kernel of(ReducedGemmProblem problem, ByteArithmetic arithmetic) {
        return new X64ReducedGemm(problem, arithmetic, false, rows -> vectors(problem, arithmetic, rows));
    }

    /**
     * The kernel of a problem in the tile registers of AMX.
     *
     * @param problem the problem, whose weights are packed in {@link BytePanelLayout} or {@link BFloat16PanelLayout}
     * @return the kernel
     */
    public static Kernel ofTileRegisters(ReducedGemmProblem problem) {
        AmxProduct product = isOfBytes(problem) ? AmxProduct.U8S8 : AmxProduct.BF16;
        return ofTileRegisters(problem, rows -> new AmxBlock(product, ends(problem), rows));
    }

    /** The kernel of a problem that is split as tile registers need it. */
    static Kernel ofTileRegisters(ReducedGemmProblem problem, IntFunction<PanelProduct> blocks) {
        return new X64ReducedGemm(problem, ByteArithmetic.DOTS_512, true, blocks);
    }

    /**
     * The form of weights of bytes.
     *
     * @param arithmetic how the machine multiplies bytes, whatever the weights
     * @return the layout
     */
    public static BytePanels panels(ByteArithmetic arithmetic) {
        return arithmetic.widens() ? new WordPanelLayout(new int[1], true) : new BytePanelLayout(new int[1], true);
    }

    private static NativeFunction quantizer(ByteArithmetic arithmetic) {
        boolean words = arithmetic.widens();
        String id = "rows_f32_to_" + (words ? "u16_" : "u8_") + VectorEmitter.suffix(arithmetic.bits());
        return KernelCode.of(id, () -> RowEmitter.quantizer(arithmetic.bits(), words));
    }

    @Override
    public String id() {
        return TileEpilogue.id(p.epilogue(), "gemm_f32_as_" + (bytes ? "u8_" : "bf16_") + block.tile());
    }

    @Override
    public int parts() {
        return partition.parts();
    }

    @Override
    public long partNanos() {
        double perNano = bytes
                ? QUANTIZING * arithmetic.productsPerNano()
                : BRAIN_PRODUCTS * Ratios.multiplyAddsPerNano(BRAIN_BITS / Float.SIZE);
        return (long)
                ((double) partition.partRows() * Math.min(partition.partColumns(), p.n()) * p.k() / (perNano * speed));
    }

    // Scratch memory: both blocks of arguments, scales and zero points of the rows, and the rows.

    private static long padded(long size) {
        return (size + PADDING - 1) / PADDING * PADDING;
    }

    private long rowBytes() {
        return padded((long) p.k() * (bytes && !arithmetic.widens() ? 1 : Short.BYTES));
    }

    private long scalesAt() {
        return (long) TileArgument.BYTES + RowArgument.BYTES;
    }

    private long zerosAt() {
        return scalesAt() + padded((long) partition.partRows() * Float.BYTES);
    }

    private long rowsAt() {
        return zerosAt() + padded((long) partition.partRows() * Integer.BYTES);
    }

    private long ownScratchBytes() {
        return rowsAt() + partition.partRows() * rowBytes();
    }

    @Override
    public long scratchBytes() {
        return TileEpilogue.scratchBytes(p.epilogue(), ownScratchBytes());
    }

    @Override
    public void run(MemorySegment[] operands, MemorySegment scratch, int from, int to) {
        if (p.m() == 0 || p.n() == 0) {
            return;
        }
        checkSizes(operands);
        TileBlock.clear(scratch);
        setCommon(operands, scratch);
        int prepared = -1;
        try {
            for (int part = from; part < to; part++) {
                int rowPart = part / partition.columnParts();
                if (rowPart != prepared) {
                    prepareRows(operands, scratch, rowPart);
                    prepared = rowPart;
                }
                run(rowPart, part % partition.columnParts(), operands, scratch);
            }
        } finally {
            OperandAddresses.fence(operands);
            OperandAddresses.fence(scratch);
        }
    }

    /** A fault in machine code ends the process, so sizes are checked before. */
    private void checkSizes(MemorySegment[] operands) {
        long results = (long) p.m() * p.n() * Float.BYTES;
        check(operands[0], (long) p.m() * p.k() * Float.BYTES);
        check(operands[1], bytes ? sizes.all() : BFloat16PanelLayout.byteSize(p.k(), p.n()));
        check(operands[p.yOperand()], results);
        if (bytes) {
            check(operands[SCALE_OPERAND], (long) p.n() * Float.BYTES);
        }
        if (p.c().operand() >= 0) {
            check(operands[p.c().operand()], (long) p.n() * Float.BYTES);
        }
        if (store != null && store.residual() >= 0) {
            check(operands[store.residual()], results);
        }
    }

    private static void check(MemorySegment segment, long size) {
        OperandCheck.check(segment, size);
    }

    private void setCommon(MemorySegment[] operands, MemorySegment scratch) {
        int perStep = bytes ? arithmetic.terms() : Integer.BYTES / Short.BYTES;
        int steps = Math.ceilDiv(p.k(), perStep);
        TileBlock.set(scratch, TileArgument.A_ROW, rowBytes());
        TileBlock.set(scratch, TileArgument.B_PANEL, panelBytes());
        TileBlock.set(scratch, TileArgument.C_ROW, (long) p.n() * Float.BYTES);
        TileBlock.set(scratch, TileArgument.RESIDUAL_ROW, (long) p.n() * Float.BYTES);
        TileBlock.setTerms(scratch, steps);
        TileBlock.set(scratch, TileArgument.SEGMENTS, 1);
        long bias = p.c().operand() < 0 ? 0 : operands[p.c().operand()].address();
        TileBlock.set(scratch, bytes ? TileArgument.COLUMN_ADDENDS : TileArgument.BIAS, bias);
        if (bytes) {
            TileBlock.set(scratch, TileArgument.COLUMN_SUMS, operands[1].address() + sizes.sums());
            TileBlock.set(scratch, TileArgument.COLUMN_SCALES, operands[SCALE_OPERAND].address());
            TileBlock.set(scratch, TileArgument.ROW_ZERO_STEP, Integer.BYTES);
            TileBlock.set(scratch, TileArgument.ROW_SCALE_STEP, Float.BYTES);
        }
        Bounds bounds = store == null ? null : store.bounds();
        if (bounds != null) {
            TileBlock.setBounds(scratch, bounds.min(), bounds.max());
        }
    }

    private long panelBytes() {
        return bytes ? sizes.panel() : BFloat16PanelLayout.panelBytes(p.k());
    }

    private void prepareRows(MemorySegment[] operands, MemorySegment scratch, int rowPart) {
        long arguments = TileArgument.BYTES;
        long row = (long) rowPart * partition.partRows();
        RowArgument.X.set(scratch, arguments, operands[0].address() + row * p.k() * Float.BYTES);
        RowArgument.X_ROW.set(scratch, arguments, (long) p.k() * Float.BYTES);
        RowArgument.ROWS.set(scratch, arguments, partition.rows(rowPart, p.m()));
        RowArgument.setTerms(scratch, arguments, p.k(), bytes ? arithmetic.bits() : BRAIN_BITS);
        RowArgument.RESULT.set(scratch, arguments, scratch.address() + rowsAt());
        RowArgument.RESULT_ROW.set(scratch, arguments, rowBytes());
        RowArgument.SCALES.set(scratch, arguments, scratch.address() + scalesAt());
        RowArgument.ZEROS.set(scratch, arguments, scratch.address() + zerosAt());
        rowFunction.call(scratch.address() + arguments);
    }

    private void run(int rowPart, int columnPart, MemorySegment[] operands, MemorySegment scratch) {
        long row = (long) rowPart * partition.partRows();
        int column = columnPart * partition.partColumns();
        int columns = partition.columns(columnPart, p.n());
        long result = (row * p.n() + column) * Float.BYTES;
        MemorySegment y = operands[p.yOperand()];
        long panels = column / BytePanels.COLUMNS * panelBytes();
        TileBlock.set(scratch, TileArgument.A, scratch.address() + rowsAt());
        TileBlock.set(scratch, TileArgument.B, operands[1].address() + panels);
        TileBlock.set(scratch, TileArgument.C, y.address() + result);
        TileBlock.set(scratch, TileArgument.FIRST_COLUMN, (long) column * Float.BYTES);
        if (bytes) {
            TileBlock.set(scratch, TileArgument.ROW_ZEROS, scratch.address() + zerosAt());
            TileBlock.set(scratch, TileArgument.ROW_SCALES, scratch.address() + scalesAt());
        }
        if (store != null && store.residual() >= 0) {
            TileBlock.set(scratch, TileArgument.RESIDUAL, operands[store.residual()].address() + result);
        }
        (rowPart == partition.rowParts() - 1 ? lastBlock : block).run(scratch, columns);
        if (epilogue != null && store == null) {
            epilogue.apply(y, result, partition.rows(rowPart, p.m()), columns, p.n(), operands, scratch);
        }
    }
}
