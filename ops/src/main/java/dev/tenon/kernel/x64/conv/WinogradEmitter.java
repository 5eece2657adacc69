package dev.tenon.kernel.x64.conv;

import static dev.tenon.kernel.x64.conv.WinogradArgument.BIAS;
import static dev.tenon.kernel.x64.conv.WinogradArgument.CHANNELS;
import static dev.tenon.kernel.x64.conv.WinogradArgument.GREATEST;
import static dev.tenon.kernel.x64.conv.WinogradArgument.LEAST;
import static dev.tenon.kernel.x64.conv.WinogradArgument.TILES;
import static dev.tenon.kernel.x64.conv.WinogradArgument.TILES_LEFT;
import static dev.tenon.kernel.x64.conv.WinogradArgument.VECTORS;
import static dev.tenon.kernel.x64.conv.WinogradArgument.VECTORS_LEFT;
import static dev.tenon.kernel.x64.conv.WinogradArgument.X;
import static dev.tenon.kernel.x64.conv.WinogradArgument.X_LINE;
import static dev.tenon.kernel.x64.conv.WinogradArgument.X_PIXEL;
import static dev.tenon.kernel.x64.conv.WinogradArgument.X_TILE;
import static dev.tenon.kernel.x64.conv.WinogradArgument.Y;
import static dev.tenon.kernel.x64.conv.WinogradArgument.Y_LINE;
import static dev.tenon.kernel.x64.conv.WinogradArgument.Y_PIXEL;
import static dev.tenon.kernel.x64.conv.WinogradArgument.Y_TILE;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.Label;
import dev.tenon.asm.MaskRegister;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.Registers;
import java.util.EnumSet;

/**
 * Writes a function that transforms tiles of Winograd's minimal filtering, channels last: {@code B' d B} of tiles of the
 * input, or {@code A' m A} of products, to which it adds a bias, and which it clips. It goes through tiles, in each through
 * vectors of channels. A tile is transformed along its columns first, then along its lines.
 */
final class WinogradEmitter {
    private static final int ROWS_PER_BASE = 3;
    private static final MaskRegister MASK = new MaskRegister(1);

    private final X64Assembler a;
    private final int bits;
    private final int from;
    private final int to;
    private final boolean output;
    private final WinogradLines lines;
    private final VectorRegister[] constants;
    private final VectorRegister[] elements;
    private final VectorRegister[] free;
    private final VectorRegister least;
    private final VectorRegister greatest;
    private final Gpr base;
    private final Gpr secondBase;
    private final Gpr stride;
    private final Gpr result;
    private final Gpr resultStep;
    private final Gpr temporary;

    /**
     * An emitter.
     *
     * @param bits the width of vectors: 256 or 512
     * @param tile the lines of an output tile, 2 or 4
     * @param output whether products are transformed to the output, or the input to the left operand of products
     */
    WinogradEmitter(int bits, int tile, boolean output) {
        this.bits = bits;
        this.output = output;
        from = tile + 2;
        to = output ? tile : tile + 2;
        a = new X64Assembler(
                bits == 512 ? EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX512) : EnumSet.of(InstructionSet.AVX2));
        elements = vectors(0, from);
        // The output needs a register, one for the bias and two for bounds; the input needs three.
        free = vectors(from, output ? 2 : 3);
        int next = from + free.length;
        least = vector(next);
        greatest = vector(next + 1);
        constants = vectors(output ? next + 2 : next, WinogradArgument.CONSTANTS);
        lines = new WinogradLines(a, constants);
        Registers registers = new Registers();
        base = registers.take();
        secondBase = registers.take();
        stride = registers.take();
        result = registers.take();
        resultStep = registers.take();
        temporary = registers.take();
    }

    private VectorRegister vector(int number) {
        return VectorRegister.of(number, bits);
    }

    private VectorRegister[] vectors(int first, int number) {
        return VectorRegister.range(first, number, bits);
    }

    private int vectorBytes() {
        return bits / Byte.SIZE;
    }

    private Address half(int row, int column) {
        return Address.at(Frame.BLOCK, WinogradArgument.HALF_OFFSET + (row * from + column) * vectorBytes());
    }

    /** Writes the function. */
    byte[] emit() {
        Frame.enter(a);
        for (int i = 0; i < constants.length && from > 4; i++) {
            Address constant = Address.at(Frame.BLOCK, WinogradArgument.CONSTANTS_OFFSET + i * Float.BYTES);
            a.emit(VectorInstruction.VBROADCASTSS, constants[i], constant);
        }
        if (output) {
            a.emit(VectorInstruction.VBROADCASTSS, least, LEAST.address());
            a.emit(VectorInstruction.VBROADCASTSS, greatest, GREATEST.address());
        }
        TILES.copyTo(a, temporary, TILES_LEFT);
        Label tile = new Label();
        a.bind(tile);
        VECTORS.copyTo(a, temporary, VECTORS_LEFT);
        a.mov(temporary, 0L);
        a.store(CHANNELS.address(), temporary);
        Label vector = new Label();
        a.bind(vector);
        columns();
        secondHalf();
        CHANNELS.advance(a, temporary, vectorBytes());
        VECTORS_LEFT.countDown(a, temporary, vector);
        X.advance(a, temporary, X_TILE.address());
        Y.advance(a, temporary, Y_TILE.address());
        TILES_LEFT.countDown(a, temporary, tile);
        Frame.leave(a);
        return a.toBytes();
    }

    private Address row(int i) {
        Gpr own = i < ROWS_PER_BASE ? base : secondBase;
        int rest = i % ROWS_PER_BASE;
        return rest == 0 ? Address.at(own, 0) : Address.at(own, stride, rest, 0);
    }

    /** The first half: each column of the tile. */
    private void columns() {
        a.mov(stride, X_LINE.address());
        a.mov(base, X.address());
        a.add(base, CHANNELS.address());
        a.lea(secondBase, Address.at(base, stride, 2, 0));
        a.add(secondBase, stride);
        for (int column = 0; column < from; column++) {
            for (int i = 0; i < from; i++) {
                a.emit(VectorInstruction.VMOVUPS, elements[i], row(i));
            }
            VectorRegister[] results = output ? lines.output(elements, free[0], null) : lines.input(elements, free);
            for (int i = 0; i < to; i++) {
                a.emit(VectorInstruction.VMOVUPS_STORE, half(i, column), results[i]);
            }
            a.add(base, X_PIXEL.address());
            a.add(secondBase, X_PIXEL.address());
        }
    }

    /** The second half: each line of the results of the first. The last vector of channels of the output is not whole. */
    private void secondHalf() {
        a.mov(resultStep, Y_PIXEL.address());
        a.mov(result, Y.address());
        a.add(result, CHANNELS.address());
        if (!output) {
            rows(false);
            return;
        }
        Label last = new Label();
        Label end = new Label();
        a.mov(temporary, VECTORS_LEFT.address());
        a.cmp(temporary, 1);
        a.jump(Condition.EQUAL, last);
        loadBias(false);
        rows(false);
        a.jmp(end);
        a.bind(last);
        if (bits == 512) {
            a.mov32(temporary, Address.at(Frame.BLOCK, WinogradArgument.MASK_OFFSET));
            a.emit(VectorInstruction.KMOVW, MASK, temporary);
        }
        loadBias(true);
        rows(true);
        a.bind(end);
    }

    private void loadBias(boolean masked) {
        VectorRegister bias = free[1];
        Label none = new Label();
        a.emit(VectorInstruction.VXORPS, bias, bias, bias);
        BIAS.jumpIfZero(a, temporary, none);
        a.add(temporary, CHANNELS.address());
        Address at = Address.at(temporary, 0);
        if (!masked) {
            a.emit(VectorInstruction.VMOVUPS, bias, at);
        } else if (bits == 512) {
            a.emit(VectorInstruction.VMOVUPS, bias.zeroed(MASK), at);
        } else {
            loadMask();
            a.emit(VectorInstruction.VMASKMOVPS, bias, free[0], at);
        }
        a.bind(none);
    }

    /** Loads the mask of AVX2 into the register that a transform leaves free. */
    private void loadMask() {
        a.emit(VectorInstruction.VMOVUPS, free[0], Address.at(Frame.BLOCK, WinogradArgument.MASK_OFFSET));
    }

    private void rows(boolean masked) {
        for (int i = 0; i < to; i++) {
            for (int column = 0; column < from; column++) {
                a.emit(VectorInstruction.VMOVUPS, elements[column], half(i, column));
            }
            VectorRegister[] results = output ? lines.output(elements, free[0], free[1]) : lines.input(elements, free);
            if (masked && bits != 512) {
                loadMask();
            }
            a.mov(base, result);
            for (VectorRegister value : results) {
                store(value, masked);
                a.add(base, resultStep);
            }
            a.add(result, Y_LINE.address());
        }
    }

    private void store(VectorRegister value, boolean masked) {
        if (output) {
            // The second source wins if one is NaN, so a NaN stays.
            a.emit(VectorInstruction.VMAXPS, value, least, value);
            a.emit(VectorInstruction.VMINPS, value, greatest, value);
        }
        Address at = Address.at(base, 0);
        if (!masked) {
            a.emit(VectorInstruction.VMOVUPS_STORE, at, value);
        } else if (bits == 512) {
            a.emit(VectorInstruction.VMOVUPS_STORE, at.masked(MASK), value);
        } else {
            a.emit(VectorInstruction.VMASKMOVPS_STORE, at, free[0], value);
        }
    }
}
