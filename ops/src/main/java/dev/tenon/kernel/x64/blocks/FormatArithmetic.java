package dev.tenon.kernel.x64.blocks;

import dev.tenon.asm.Address;
import dev.tenon.asm.Operand;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.op.quant.BlockFormat;
import java.lang.foreign.MemorySegment;
import java.util.Locale;

/**
 * Products with weights in the blocks of a format: the parts that do not depend on how terms are multiplied. It takes scales and
 * minimums of a group to float32, which is exact, and its integers to unsigned bytes. Formats differ in nothing else.
 *
 * <p>A group's scales are in {@link BlockTileEmitter#scales}, and its minimums in {@link BlockTileEmitter#zeros}.
 */
abstract class FormatArithmetic implements BlockArithmetic {
    static final int STEP = FormatPanelLayout.STEP;
    static final int WIDE = 512;
    private static final int PREFETCH_BYTES = 1024;
    private static final int NIBBLE = 4;
    private static final int FEW_ROWS = 4;

    /** The masks: the lower bits of bytes, the upper bits of an integer at their place, and one that a product has. */
    private static final int LOWER = 0;

    private static final int UPPER = 1;
    static final int OWN = 2;

    /** Bytes from a column's scale of a block, or of a group, to the next number of this column. */
    private static final int BLOCK_NUMBERS = FormatPanelLayout.COLUMNS * Short.BYTES;

    private static final int GROUP_NUMBERS = FormatPanelLayout.COLUMNS;

    /** The streams of a panel's scales. */
    private static final int OF_BLOCKS = 1;

    private static final int OF_GROUPS = 2;

    final FormatPanelLayout b;
    private final BlockFormat format;
    private final int bits;

    /**
     * A product.
     *
     * @param b the layout of the weights
     * @param bits the width of vectors: 256 or 512
     */
    FormatArithmetic(FormatPanelLayout b, int bits) {
        this.b = b;
        this.bits = bits;
        format = b.format();
    }

    /** The part of the function's name for the format. */
    final String formatName() {
        return format.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public final int bits() {
        return bits;
    }

    @Override
    public final int scaleBytes() {
        return Short.BYTES;
    }

    @Override
    public final boolean hasPlainNumbers() {
        return false;
    }

    /** The mask that a product has for itself, as four bytes. */
    abstract int ownMask();

    /** The masks that the product keeps in registers of 512 bits. */
    abstract int masks();

    @Override
    public final int constants() {
        return bits == WIDE ? masks() : 0;
    }

    @Override
    public final void loadConstants(BlockTileEmitter t) {
        for (int i = 0; i < constants(); i++) {
            Address from = Address.at(Frame.BLOCK, BlockArgument.maskOffset(i));
            t.assembler().emit(VectorInstruction.VPBROADCASTD, t.constant(i), from);
        }
    }

    /** Writes the masks. A subclass writes its constants, too. */
    @Override
    public void writeConstants(MemorySegment block) {
        BlockArgument.setMask(block, LOWER, 0x0F0F_0F0F);
        BlockArgument.setMask(block, UPPER, b.upperBits() == 1 ? 0x1010_1010 : 0x3030_3030);
        BlockArgument.setMask(block, OWN, ownMask());
    }

    /** A mask. Registers of 256 bits are too few to keep it. */
    final Operand mask(BlockTileEmitter t, int i) {
        return bits == WIDE ? t.constant(i) : Address.at(Frame.BLOCK, BlockArgument.maskOffset(i));
    }

    @Override
    public final int turns() {
        return b.groupsOfBlock();
    }

    /** The bytes of A of a group of some rows. */
    abstract int leftBytes(int rows);

    /** Code that multiplies a group, whose scales and minimums are loaded. */
    abstract void group(BlockTileEmitter t);

    @Override
    public final void multiply(BlockTileEmitter t) {
        boolean own = format.hasSubScales();
        for (int p = 0; p < t.panels(); p++) {
            for (int number = 0; number < b.numbers(); number++) {
                VectorRegister to = own ? ofBlock(t, p, number) : number(t, p, number);
                Address from = t.of(OF_BLOCKS, p, number * BLOCK_NUMBERS);
                t.assembler().emit(VectorInstruction.VCVTPH2PS, to, from);
            }
        }
        t.advance(OF_BLOCKS, b.numbers() * BLOCK_NUMBERS);
        t.turns(leftBytes(t.rows()), b.groupBytes(), () -> {
            if (own) {
                groupNumbers(t);
            }
            group(t);
        });
    }

    /** Code that multiplies the scales and minimums of a group with those of the block. */
    private void groupNumbers(BlockTileEmitter t) {
        X64Assembler a = t.assembler();
        // Scales without minimums are signed.
        VectorInstruction widen = format.hasMinimum() ? VectorInstruction.VPMOVZXBD : VectorInstruction.VPMOVSXBD;
        for (int p = 0; p < t.panels(); p++) {
            for (int number = 0; number < b.numbers(); number++) {
                VectorRegister to = number(t, p, number);
                a.emit(widen, to, t.of(OF_GROUPS, p, number * GROUP_NUMBERS));
                a.emit(VectorInstruction.VCVTDQ2PS, to, to);
                a.emit(VectorInstruction.VMULPS, to, to, ofBlock(t, p, number));
            }
        }
        t.advance(OF_GROUPS, b.numbers() * GROUP_NUMBERS);
    }

    private static VectorRegister number(BlockTileEmitter t, int panel, int number) {
        return number == 0 ? t.scales(panel) : t.zeros(panel);
    }

    /** A scale or a minimum of the block, in the last registers that are free. */
    private VectorRegister ofBlock(BlockTileEmitter t, int panel, int number) {
        return t.free()[t.free().length - 1 - panel * b.numbers() - number];
    }

    /** The number of registers that are free for a product. */
    final int free(BlockTileEmitter t) {
        return t.free().length - (format.hasSubScales() ? t.panels() * b.numbers() : 0);
    }

    /**
     * Code that makes bytes of a vector of a panel's group: one step, or that of the same number of the second half too.
     *
     * @param t the emitter
     * @param panel the panel
     * @param vector the index of the vector
     * @param first takes the step
     * @param second takes the step of the second half, unless integers have 8 bits
     * @param other a register that is overwritten
     */
    final void unpack(
            BlockTileEmitter t,
            int panel,
            int vector,
            VectorRegister first,
            VectorRegister second,
            VectorRegister other) {
        X64Assembler a = t.assembler();
        int at = vector * FormatPanelLayout.VECTOR_BYTES;
        a.emit(VectorInstruction.VMOVUPS, first, t.right(panel, at));
        if (t.rows() <= FEW_ROWS) {
            a.prefetch(t.right(panel, at + PREFETCH_BYTES));
        }
        if (format.bits() == Byte.SIZE) {
            return;
        }
        VectorInstruction and = bits == WIDE ? VectorInstruction.VPANDD : VectorInstruction.VPAND;
        a.emit(VectorInstruction.VPSRLW, second, first, NIBBLE);
        a.emit(and, first, first, mask(t, LOWER));
        a.emit(and, second, second, mask(t, LOWER));
        if (b.upperBits() > 0) {
            upper(t, panel, vector, first, other);
            upper(t, panel, vector + b.lowVectors(), second, other);
        }
    }

    /** Code that adds the upper bits of a step's integers. */
    private void upper(BlockTileEmitter t, int panel, int step, VectorRegister to, VectorRegister other) {
        X64Assembler a = t.assembler();
        a.emit(VectorInstruction.VMOVUPS, other, t.right(panel, b.lowVectors() * FormatPanelLayout.VECTOR_BYTES));
        int left = NIBBLE - step * b.upperBits();
        // Bits that cross into the next byte of a word are not among those of the mask.
        if (left > 0) {
            a.emit(VectorInstruction.VPSLLW, other, other, left);
        } else if (left < 0) {
            a.emit(VectorInstruction.VPSRLW, other, other, -left);
        }
        a.emit(bits == WIDE ? VectorInstruction.VPANDD : VectorInstruction.VPAND, other, other, mask(t, UPPER));
        a.emit(bits == WIDE ? VectorInstruction.VPORD : VectorInstruction.VPOR, to, to, other);
    }

    /** The step of a group that {@link #unpack} puts into its first or second register. */
    final int step(int vector, boolean second) {
        return second ? vector + b.lowVectors() : vector;
    }
}
