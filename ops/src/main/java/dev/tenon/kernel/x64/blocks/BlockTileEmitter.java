package dev.tenon.kernel.x64.blocks;

import static dev.tenon.kernel.x64.blocks.BlockArgument.A_TILE;
import static dev.tenon.kernel.x64.blocks.BlockArgument.BIAS_GROUP;
import static dev.tenon.kernel.x64.blocks.BlockArgument.B_GROUP;
import static dev.tenon.kernel.x64.blocks.BlockArgument.B_PANEL;
import static dev.tenon.kernel.x64.blocks.BlockArgument.C_GROUP;
import static dev.tenon.kernel.x64.blocks.BlockArgument.C_ROW;
import static dev.tenon.kernel.x64.blocks.BlockArgument.C_TILE;
import static dev.tenon.kernel.x64.blocks.BlockArgument.PANELS_LEFT;
import static dev.tenon.kernel.x64.blocks.BlockArgument.SCALES_GROUP;
import static dev.tenon.kernel.x64.blocks.BlockArgument.SCALES_PANEL;
import static dev.tenon.kernel.x64.blocks.BlockArgument.TILES_LEFT;
import static dev.tenon.kernel.x64.blocks.BlockArgument.ZEROS_GROUP;
import static dev.tenon.kernel.x64.blocks.BlockArgument.ZEROS_PANEL;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.Label;
import dev.tenon.asm.MaskRegister;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.Registers;
import java.util.function.BiConsumer;

/**
 * Writes a function that computes tiles of a product with weights in blocks. A tile has some rows and one or three panels,
 * all of whose sums are in registers. The function goes through panels; in each through tiles below each other; in each through
 * blocks, one after the other. So a sum has one order, which depends on nothing but the number of terms.
 *
 * <p>With vectors of 256 bits a panel has two vectors of columns. A tile then has one of them, and the function computes those of
 * one vector; or it has both, of one panel or two, and all columns exist.
 */
final class BlockTileEmitter {
    /** The most panels of a tile: one register addresses three. */
    static final int MAX_PANELS = 3;

    private static final int WIDE = 512;
    private static final int VECTORS_512 = 32;
    private static final int VECTORS_256 = 16;

    /** The columns of half of a panel. */
    private static final int HALF = 8;

    private static final int ALL = 0xFFFF;
    private static final int ALL_NARROW = 0xFF;
    private static final int VECTOR_BYTES = BlockPanelLayout.VECTOR_BYTES;

    private final X64Assembler a;
    private final BlockArithmetic product;
    private final int rows;
    private final int panels;

    private int taken;
    private final VectorRegister[] sums;
    private final VectorRegister[] scales;
    private final VectorRegister[] zeros;
    private final VectorRegister[] constants;
    private final VectorRegister[] free;

    private final Gpr aTile;
    private final Gpr[] stream;
    private final Gpr[] step;
    private final Gpr blocks;
    private final Gpr turns;
    private final Gpr[] temporaries;
    private final MaskRegister mask = new MaskRegister(1);

    /**
     * An emitter.
     *
     * @param product how blocks are multiplied
     * @param rows the rows of a tile
     * @param panels the vectors of columns of a tile, 1 to 3 panels, or 1, 2 or 4 halves of them with
     *     vectors of 256 bits
     */
    BlockTileEmitter(BlockArithmetic product, int rows, int panels) {
        a = new X64Assembler(product.needs());
        this.product = product;
        this.rows = rows;
        this.panels = panels;
        sums = vectors(rows * panels);
        scales = vectors(panels);
        zeros = vectors(product.hasZeros() ? panels : 0);
        constants = vectors(product.constants());
        free = vectors(registers() - taken);
        Registers registers = new Registers();
        aTile = registers.take();
        stream = registers.take(MAX_PANELS);
        step = registers.take(MAX_PANELS);
        blocks = registers.take();
        turns = registers.take();
        temporaries = registers.take(2);
    }

    private int registers() {
        return product.bits() == WIDE ? VECTORS_512 : VECTORS_256;
    }

    private VectorRegister[] vectors(int count) {
        if (taken + count > registers()) {
            throw new IllegalStateException("a tile of " + rows + " rows needs too many registers");
        }
        taken += count;
        return VectorRegister.range(taken - count, count, product.bits());
    }

    /** Writes the function. */
    byte[] emit() {
        Frame.enter(a);
        product.loadConstants(this);
        BlockArgument.B.copyTo(a, temporaries[0], B_GROUP);
        BlockArgument.SCALES.copyTo(a, temporaries[0], SCALES_GROUP);
        BlockArgument.ZEROS.copyTo(a, temporaries[0], ZEROS_GROUP);
        BlockArgument.C.copyTo(a, temporaries[0], C_GROUP);
        BlockArgument.BIAS.copyTo(a, temporaries[0], BIAS_GROUP);
        BlockArgument.PANELS.copyTo(a, temporaries[0], PANELS_LEFT);
        Label group = new Label();
        a.bind(group);
        loadMask();
        tiles();
        for (int i = 0; i < panels; i += vectorsOfPanel()) {
            B_GROUP.advance(a, temporaries[1], B_PANEL.address());
            SCALES_GROUP.advance(a, temporaries[1], SCALES_PANEL.address());
            ZEROS_GROUP.advance(a, temporaries[1], ZEROS_PANEL.address());
        }
        C_GROUP.advance(a, temporaries[1], panels * vectorBytes());
        BIAS_GROUP.ifGiven(a, temporaries[0], () -> BIAS_GROUP.advance(a, temporaries[1], panels * vectorBytes()));
        PANELS_LEFT.countDown(a, temporaries[0], group);
        Frame.leave(a);
        return a.toBytes();
    }

    private void loadMask() {
        if (product.bits() != WIDE) {
            return;
        }
        Label ready = new Label();
        a.mov(temporaries[0], ALL);
        a.mov(temporaries[1], PANELS_LEFT.address());
        a.cmp(temporaries[1], 1);
        a.jump(Condition.NOT_EQUAL, ready);
        a.mov(temporaries[0], BlockArgument.LAST_MASK.address());
        a.bind(ready);
        a.emit(VectorInstruction.KMOVW, mask, temporaries[0]);
    }

    private void tiles() {
        BlockArgument.A.copyTo(a, temporaries[0], A_TILE);
        C_GROUP.copyTo(a, temporaries[0], C_TILE);
        BlockArgument.TILES.copyTo(a, temporaries[0], TILES_LEFT);
        Label tile = new Label();
        a.bind(tile);
        oneTile();
        a.store(A_TILE.address(), aTile);
        for (int r = 0; r < rows; r++) {
            C_TILE.advance(a, temporaries[1], C_ROW.address());
        }
        TILES_LEFT.countDown(a, temporaries[0], tile);
    }

    private void oneTile() {
        a.mov(aTile, A_TILE.address());
        a.mov(stream[0], B_GROUP.address());
        a.mov(stream[1], SCALES_GROUP.address());
        a.mov(stream[2], ZEROS_GROUP.address());
        a.mov(step[0], B_PANEL.address());
        a.mov(step[1], SCALES_PANEL.address());
        a.mov(step[2], ZEROS_PANEL.address());
        for (VectorRegister sum : sums) {
            a.emit(VectorInstruction.VXORPS, sum, sum, sum);
        }
        a.mov(blocks, BlockArgument.BLOCKS.address());
        Label block = new Label();
        a.align();
        a.bind(block);
        if (product.hasPlainNumbers()) {
            loadNumbers();
        }
        product.multiply(this);
        a.sub(blocks, 1);
        a.jump(Condition.NOT_EQUAL, block);
        store();
    }

    /** Code that loads the scales of a block, and its zero points, as float32. */
    private void loadNumbers() {
        boolean halves = product.scaleBytes() == Short.BYTES;
        for (int p = 0; p < panels; p++) {
            a.emit(halves ? VectorInstruction.VCVTPH2PS : VectorInstruction.VMOVUPS, scales[p], of(1, p, 0));
        }
        a.add(stream[1], BlockPanelLayout.COLUMNS * product.scaleBytes());
        if (product.hasZeros()) {
            for (int p = 0; p < panels; p++) {
                a.emit(VectorInstruction.VPMOVZXBD, zeros[p], of(2, p, 0));
                a.emit(VectorInstruction.VCVTDQ2PS, zeros[p], zeros[p]);
            }
            a.add(stream[2], BlockPanelLayout.COLUMNS);
        }
    }

    /** An address relative to the weights (0), the scales (1) or the zero points (2) of a vector of columns. */
    Address of(int number, int vector, int displacement) {
        int panel = vector / vectorsOfPanel();
        int column = number == 0 ? BlockPanelLayout.STEP : number == 1 ? product.scaleBytes() : 1;
        int at = displacement + vector % vectorsOfPanel() * HALF * column;
        return panel == 0 ? Address.at(stream[number], at) : Address.at(stream[number], step[number], panel, at);
    }

    private int vectorsOfPanel() {
        return WIDE / product.bits();
    }

    private int vectorBytes() {
        return product.bits() / Byte.SIZE;
    }

    private void store() {
        if (product.bits() != WIDE) {
            narrowStore();
            return;
        }
        BIAS_GROUP.ifGiven(a, temporaries[0], () -> {
            for (int p = 0; p < panels; p++) {
                Address bias = Address.at(temporaries[0], p * VECTOR_BYTES);
                a.emit(VectorInstruction.VMOVUPS, free[p].zeroed(mask), bias);
                for (int r = 0; r < rows; r++) {
                    a.emit(VectorInstruction.VADDPS, sums(r, p), sums(r, p), free[p]);
                }
            }
        });
        a.mov(temporaries[0], C_TILE.address());
        a.mov(temporaries[1], C_ROW.address());
        for (int r = 0; r < rows; r++) {
            for (int p = 0; p < panels; p++) {
                Address to = Address.at(temporaries[0], p * VECTOR_BYTES);
                a.emit(VectorInstruction.VMOVUPS_STORE, to.masked(mask), sums(r, p));
            }
            a.add(temporaries[0], temporaries[1]);
        }
    }

    /** Stores sums. Only those of a single vector may have a mask. Stores without one are faster. */
    private void narrowStore() {
        VectorRegister columns = free[0];
        Label masked = new Label();
        Label end = new Label();
        a.emit(VectorInstruction.VMOVUPS, columns, Address.at(Frame.BLOCK, BlockArgument.LAST_VECTOR_OFFSET));
        BIAS_GROUP.ifGiven(a, temporaries[0], () -> {
            for (int p = 0; p < panels; p++) {
                a.emit(VectorInstruction.VMASKMOVPS, free[1], columns, Address.at(temporaries[0], p * vectorBytes()));
                for (int r = 0; r < rows; r++) {
                    a.emit(VectorInstruction.VADDPS, sums(r, p), sums(r, p), free[1]);
                }
            }
        });
        a.mov(temporaries[0], BlockArgument.LAST_MASK.address());
        a.cmp(temporaries[0], ALL_NARROW);
        a.mov(temporaries[0], C_TILE.address());
        a.mov(temporaries[1], C_ROW.address());
        if (panels == 1) {
            a.jump(Condition.NOT_EQUAL, masked);
        }
        overRows((to, sum) -> a.emit(VectorInstruction.VMOVUPS_STORE, to, sum));
        a.jmp(end);
        a.bind(masked);
        if (panels == 1) {
            overRows((to, sum) -> a.emit(VectorInstruction.VMASKMOVPS_STORE, to, columns, sum));
        }
        a.bind(end);
    }

    private void overRows(BiConsumer<Address, VectorRegister> store) {
        for (int r = 0; r < rows; r++) {
            for (int p = 0; p < panels; p++) {
                store.accept(Address.at(temporaries[0], p * vectorBytes()), sums(r, p));
            }
            a.add(temporaries[0], temporaries[1]);
        }
    }

    // For products.

    X64Assembler assembler() {
        return a;
    }

    int rows() {
        return rows;
    }

    int panels() {
        return panels;
    }

    VectorRegister sums(int row, int panel) {
        return sums[row * panels + panel];
    }

    /** The scales of the block. */
    VectorRegister scales(int panel) {
        return scales[panel];
    }

    /** The zero points of the block. */
    VectorRegister zeros(int panel) {
        return zeros[panel];
    }

    VectorRegister constant(int i) {
        return constants[i];
    }

    /** The registers that a product may use for itself. */
    VectorRegister[] free() {
        return free;
    }

    /** A general-purpose register that is free. */
    Gpr temporary() {
        return temporaries[0];
    }

    /** An address relative to the tile of A. */
    Address left(int displacement) {
        return Address.at(aTile, displacement);
    }

    /** An address relative to the vectors of a panel. */
    Address right(int panel, int displacement) {
        return of(0, panel, displacement);
    }

    /** Code that goes on to the next scales (1) or zero points (2). */
    void advance(int number, int bytes) {
        a.add(stream[number], bytes);
    }

    /**
     * Code for the loop over a block.
     *
     * @param leftBytes the bytes of A of a turn
     * @param rightBytes the bytes of a panel of a turn
     * @param body code for a turn
     */
    void turns(int leftBytes, int rightBytes, Runnable body) {
        Label turn = new Label();
        boolean loops = product.turns() > 1;
        if (loops) {
            a.mov(turns, BlockArgument.TURNS.address());
            a.bind(turn);
        }
        body.run();
        a.add(aTile, leftBytes);
        a.add(stream[0], rightBytes);
        if (loops) {
            a.sub(turns, 1);
            a.jump(Condition.NOT_EQUAL, turn);
        }
    }
}
