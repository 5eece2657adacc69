package dev.tenon.kernel.x64.conv;

import static dev.tenon.kernel.x64.conv.DepthwiseArgument.BLOCKS;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.BLOCKS_LEFT;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.LAST_MASK;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.LAST_MASKS;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.LINES;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.LINES_LEFT;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.PAIRS;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.SINGLES;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.X;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.X_BLOCK;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.X_LINE;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.X_PIXEL;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.X_PLACE;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.X_ROW;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.X_WINDOW;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.Y;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.Y_BLOCK;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.Y_LINE;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.Y_PIXEL;
import static dev.tenon.kernel.x64.conv.DepthwiseArgument.Y_PLACE;
import static dev.tenon.kernel.x64.conv.DepthwiseWeights.TAPS;
import static dev.tenon.kernel.x64.conv.DepthwiseWeights.VECTORS;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.Label;
import dev.tenon.asm.MaskRegister;
import dev.tenon.asm.Operand;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.Frame;
import dev.tenon.kernel.x64.Registers;
import java.util.EnumSet;

/**
 * Writes a function that convolves each channel of bytes with a window of its own, and requantises the sums to bytes. It goes
 * through blocks of channels, as many as a vector has bytes; in each through rows of windows; in each through windows, perhaps
 * two at once. Four pixels of a row are interleaved, so that one instruction multiplies and adds four taps of a channel.
 *
 * <p>Packing undoes the order into which interleaving brings channels. With vectors of 512 bits, channels that do not exist
 * are neither read nor written; with 256 bits they are read, so the caller has memory there.
 */
final class DepthwiseEmitter {
    private static final MaskRegister MASK = new MaskRegister(1);

    private final DepthwiseWeights shape;
    private final boolean signedX;
    private final boolean signedY;
    private final boolean clips;
    private final X64Assembler a;

    private final VectorRegister[] sums;
    private final VectorRegister[] pixels;
    private final VectorRegister[] pairs;
    private final VectorRegister zero;

    private final Gpr x;
    private final Gpr y;
    private final Gpr weights;
    private final Gpr pixel;
    private final Gpr pixel3;
    private final Gpr pixel5;
    private final Gpr count;
    private final Gpr temporary;

    DepthwiseEmitter(DepthwiseWeights shape, boolean signedX, boolean signedY, boolean clips) {
        this.shape = shape;
        this.signedX = signedX;
        this.signedY = signedY;
        this.clips = clips;
        a = new X64Assembler(
                shape.bits() == 512
                        ? EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX512, InstructionSet.AVX512_VNNI)
                        : EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX_VNNI));
        int next = shape.windows() * VECTORS;
        sums = registers(0, next);
        pixels = registers(next, TAPS);
        pairs = registers(next + TAPS, TAPS - 1);
        zero = vector(next + 2 * TAPS - 1);
        Registers registers = new Registers();
        x = registers.take();
        y = registers.take();
        weights = registers.take();
        pixel = registers.take();
        pixel3 = registers.take();
        pixel5 = registers.take();
        count = registers.take();
        temporary = registers.take();
    }

    private VectorRegister vector(int number) {
        return new VectorRegister(number, shape.bits(), 0, false);
    }

    private VectorRegister[] registers(int first, int number) {
        VectorRegister[] registers = new VectorRegister[number];
        for (int i = 0; i < number; i++) {
            registers[i] = vector(first + i);
        }
        return registers;
    }

    /** The name of the function. */
    String id() {
        return "depthwise_" + (signedX ? "s8" : "u8") + "s8_to_" + (signedY ? "s8_" : "u8_") + shape.height() + "x"
                + shape.width() + "x" + shape.windows() + (clips ? "_clipped_" : "_")
                + (shape.bits() == 512 ? "avx512vnni" : "avxvnni");
    }

    /** Writes the function. */
    byte[] emit() {
        Frame.enter(a);
        a.mov(pixel, X_PIXEL.address());
        a.lea(pixel3, Address.at(pixel, pixel, 2, 0));
        a.lea(pixel5, Address.at(pixel, pixel, 4, 0));
        a.mov(weights, DepthwiseArgument.WEIGHTS.address());
        a.emit(VectorInstruction.VPBROADCASTD, zero, DepthwiseArgument.ZERO.address());
        copy(X, X_BLOCK);
        copy(Y, Y_BLOCK);
        copy(BLOCKS, BLOCKS_LEFT);
        Label block = new Label();
        a.bind(block);
        loadMask();
        copy(X_BLOCK, X_PLACE);
        copy(Y_BLOCK, Y_PLACE);
        copy(LINES, LINES_LEFT);
        Label line = new Label();
        a.bind(line);
        a.mov(x, X_PLACE.address());
        a.mov(y, Y_PLACE.address());
        if (shape.windows() == 2) {
            windows(PAIRS, 2);
        }
        windows(SINGLES, 1);
        advance(X_PLACE, X_LINE.address());
        advance(Y_PLACE, Y_LINE.address());
        repeat(LINES_LEFT, line);
        a.mov(temporary, shape.blockChannels());
        advance(X_BLOCK, temporary);
        a.mov(temporary, shape.blockChannels());
        advance(Y_BLOCK, temporary);
        a.add(weights, shape.blockBytes());
        repeat(BLOCKS_LEFT, block);
        Frame.leave(a);
        return a.toBytes();
    }

    private void copy(DepthwiseArgument from, DepthwiseArgument to) {
        a.mov(temporary, from.address());
        a.store(to.address(), temporary);
    }

    private void advance(DepthwiseArgument variable, Operand bytes) {
        a.mov(count, variable.address());
        a.add(count, bytes);
        a.store(variable.address(), count);
    }

    private void repeat(DepthwiseArgument counter, Label loop) {
        a.mov(count, counter.address());
        a.sub(count, 1);
        a.store(counter.address(), count);
        a.jump(Condition.NOT_EQUAL, loop);
    }

    private void loadMask() {
        if (shape.bits() != 512) {
            return;
        }
        Label ready = new Label();
        a.mov(temporary, -1L);
        a.mov(count, BLOCKS_LEFT.address());
        a.cmp(count, 1);
        a.jump(Condition.NOT_EQUAL, ready);
        a.mov(temporary, LAST_MASK.address());
        a.bind(ready);
        a.emit(VectorInstruction.KMOVQ, MASK, temporary);
    }

    /** A loop over windows of a row. */
    private void windows(DepthwiseArgument number, int together) {
        Label turn = new Label();
        Label end = new Label();
        a.mov(count, number.address());
        a.test(count);
        a.jump(Condition.EQUAL, end);
        a.align();
        a.bind(turn);
        for (int i = 0; i < together * VECTORS; i++) {
            a.emit(VectorInstruction.VMOVUPS, sums[i], at(shape.biasOffset(i % VECTORS)));
        }
        a.mov(temporary, x);
        for (int row = 0; row < shape.height(); row++) {
            for (int group = 0; group < shape.groups(); group++) {
                taps(row, group, together);
            }
            if (row + 1 < shape.height()) {
                a.add(temporary, X_ROW.address());
            }
        }
        for (int window = 0; window < together; window++) {
            requantise(window * VECTORS);
            store(sums[window * VECTORS]);
            a.add(y, Y_PIXEL.address());
            a.add(x, X_WINDOW.address());
        }
        a.sub(count, 1);
        a.jump(Condition.NOT_EQUAL, turn);
        a.bind(end);
    }

    private Address at(int offset) {
        return Address.at(weights, offset);
    }

    /** Four taps of a row, or fewer. */
    private void taps(int row, int group, int together) {
        int first = group * TAPS;
        int last = Math.min(first + TAPS, shape.width() + together - 1) - 1;
        if (last < first) {
            return;
        }
        for (int i = 0; i <= last - first; i++) {
            load(pixels[i], first + i);
        }
        VectorRegister[] own = new VectorRegister[TAPS];
        for (int i = 0; i < TAPS; i++) {
            own[i] = pixels[Math.min(i, last - first)];
        }
        VectorRegister low = pairs[0];
        VectorRegister high = pairs[1];
        VectorRegister low2 = pairs[2];
        VectorRegister high2 = pixels[TAPS - 1];
        a.emit(VectorInstruction.VPUNPCKLBW, low, own[0], own[1]);
        a.emit(VectorInstruction.VPUNPCKHBW, high, own[0], own[1]);
        a.emit(VectorInstruction.VPUNPCKLBW, low2, own[2], own[3]);
        a.emit(VectorInstruction.VPUNPCKHBW, high2, own[2], own[3]);
        a.emit(VectorInstruction.VPUNPCKLWD, pixels[0], low, low2);
        a.emit(VectorInstruction.VPUNPCKHWD, pixels[1], low, low2);
        a.emit(VectorInstruction.VPUNPCKLWD, pixels[2], high, high2);
        a.emit(VectorInstruction.VPUNPCKHWD, pixels[3], high, high2);
        VectorInstruction multiply =
                shape.bits() == 512 ? VectorInstruction.VPDPBUSD : VectorInstruction.VPDPBUSD_VEX;
        for (int window = 0; window < together; window++) {
            for (int v = 0; v < VECTORS; v++) {
                a.emit(
                        multiply,
                        sums[window * VECTORS + v],
                        pixels[v],
                        at(shape.weightOffset(window, row, group, v)));
            }
        }
    }

    /** Loads a pixel of a row. Signed bytes become unsigned ones by adding 128. */
    private void load(VectorRegister to, int index) {
        Address from =
                switch (index) {
                    case 0 -> Address.at(temporary, 0);
                    case 1, 2, 4 -> Address.at(temporary, pixel, index, 0);
                    case 3, 6 -> Address.at(temporary, pixel3, index / 3, 0);
                    case 5 -> Address.at(temporary, pixel5, 1, 0);
                    default -> throw new IllegalStateException("windows of " + shape.width() + " columns");
                };
        if (shape.bits() == 512) {
            a.emit(VectorInstruction.VMOVDQU8, to.zeroed(MASK), from);
        } else {
            a.emit(VectorInstruction.VMOVUPS, to, from);
        }
        if (signedX) {
            VectorRegister signs = pairs[0];
            a.emit(VectorInstruction.VPBROADCASTD, signs, DepthwiseArgument.SIGNS.address());
            a.emit(shape.bits() == 512 ? VectorInstruction.VPXORD : VectorInstruction.VPXOR, to, to, signs);
        }
    }

    /** Turns four vectors of sums into one of bytes. */
    private void requantise(int first) {
        for (int v = 0; v < VECTORS; v++) {
            VectorRegister sum = sums[first + v];
            a.emit(VectorInstruction.VCVTDQ2PS, sum, sum);
            a.emit(VectorInstruction.VMULPS, sum, sum, at(shape.factorOffset(v)));
            if (clips) {
                a.emit(VectorInstruction.VBROADCASTSS, pixels[0], DepthwiseArgument.LARGEST.address());
                a.emit(VectorInstruction.VMINPS, sum, pixels[0], sum);
            }
            a.emit(VectorInstruction.VCVTPS2DQ, sum, sum);
        }
        VectorInstruction narrow = signedY ? VectorInstruction.VPACKSSWB : VectorInstruction.VPACKUSWB;
        for (int v = 0; v < VECTORS; v += 2) {
            a.emit(VectorInstruction.VPACKSSDW, sums[first + v], sums[first + v], sums[first + v + 1]);
            a.emit(VectorInstruction.VPADDSW, sums[first + v], sums[first + v], zero);
        }
        a.emit(narrow, sums[first], sums[first], sums[first + 2]);
    }

    private void store(VectorRegister bytes) {
        Address to = Address.at(y, 0);
        if (shape.bits() == 512) {
            a.emit(VectorInstruction.VMOVDQU8_STORE, to.masked(MASK), bytes);
            return;
        }
        Label ready = new Label();
        a.emit(VectorInstruction.VMOVUPS, pixels[0], LAST_MASKS.address());
        a.mov(temporary, BLOCKS_LEFT.address());
        a.cmp(temporary, 1);
        a.jump(Condition.EQUAL, ready);
        a.emit(
                VectorInstruction.VMOVUPS,
                pixels[0],
                Address.at(Frame.BLOCK, DepthwiseArgument.WHOLE_MASKS_OFFSET));
        a.bind(ready);
        a.emit(VectorInstruction.VMASKMOVPS_STORE, to, pixels[0], bytes);
    }
}
