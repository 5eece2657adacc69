package dev.tenon.kernel.x64.byteconv;

import static dev.tenon.kernel.x64.byteconv.ByteDepthwiseArgument.BLOCKS;
import static dev.tenon.kernel.x64.byteconv.ByteDepthwiseArgument.BLOCKS_LEFT;
import static dev.tenon.kernel.x64.byteconv.ByteDepthwiseArgument.LAST_IS_WHOLE;
import static dev.tenon.kernel.x64.byteconv.ByteDepthwiseArgument.LAST_MASK;
import static dev.tenon.kernel.x64.byteconv.ByteDepthwiseArgument.LAST_MASKS;
import static dev.tenon.kernel.x64.byteconv.ByteDepthwiseArgument.LINES;
import static dev.tenon.kernel.x64.byteconv.ByteDepthwiseArgument.LINES_LEFT;
import static dev.tenon.kernel.x64.byteconv.ByteDepthwiseArgument.X;
import static dev.tenon.kernel.x64.byteconv.ByteDepthwiseArgument.X_BLOCK;
import static dev.tenon.kernel.x64.byteconv.ByteDepthwiseArgument.X_LINE;
import static dev.tenon.kernel.x64.byteconv.ByteDepthwiseArgument.X_PIXEL;
import static dev.tenon.kernel.x64.byteconv.ByteDepthwiseArgument.X_PLACE;
import static dev.tenon.kernel.x64.byteconv.ByteDepthwiseArgument.Y;
import static dev.tenon.kernel.x64.byteconv.ByteDepthwiseArgument.Y_BLOCK;
import static dev.tenon.kernel.x64.byteconv.ByteDepthwiseArgument.Y_LINE;
import static dev.tenon.kernel.x64.byteconv.ByteDepthwiseArgument.Y_PIXEL;
import static dev.tenon.kernel.x64.byteconv.ByteDepthwiseArgument.Y_PLACE;
import static dev.tenon.kernel.x64.byteconv.DepthwiseWeights.TAPS;

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
import java.util.Set;

/**
 * Writes a function that convolves each channel of bytes with a window of its own, and requantises the sums to bytes. It goes
 * through blocks of channels, as many as a vector has bytes; in each through rows of windows; in each through windows.
 *
 * <p>Pixels are interleaved, so that one instruction multiplies and adds several taps of a channel. Packing undoes the order
 * into which interleaving brings channels. With vectors of 512 bits, channels that do not exist are neither read nor written;
 * with 256 bits they are read, so the caller has memory there.
 */
abstract class ByteDepthwiseEmitter {
    /** The first register that is free for sums and weights. */
    static final int FREE = 2 * TAPS;

    private static final MaskRegister MASK = new MaskRegister(1);

    final DepthwiseWeights shape;
    final X64Assembler a;

    /** Four pixels, interleaved ones after {@link #interleave}. */
    final VectorRegister[] pixels;

    /** The first window of a row, the result, and weights, biases and factors of a block of channels. */
    final Gpr x;

    final Gpr y;
    final Gpr weights;

    /** Bytes from a pixel to the next. */
    final Gpr pixel;

    final Gpr count;
    final Gpr temporary;
    final Registers registers = new Registers();

    private final boolean signedX;
    private final boolean signedY;
    private final boolean clips;
    private final VectorRegister[] pairs;
    private final VectorRegister zero;

    ByteDepthwiseEmitter(DepthwiseWeights shape, boolean signedX, boolean signedY, boolean clips) {
        this.shape = shape;
        this.signedX = signedX;
        this.signedY = signedY;
        this.clips = clips;
        a = new X64Assembler(needs(shape));
        pixels = registers(0, TAPS);
        pairs = registers(TAPS, TAPS - 1);
        zero = VectorRegister.of(2 * TAPS - 1, shape.bits());
        x = registers.take();
        y = registers.take();
        weights = registers.take();
        pixel = registers.take();
        count = registers.take();
        temporary = registers.take();
    }

    private static Set<InstructionSet> needs(DepthwiseWeights shape) {
        if (shape.widens()) {
            return EnumSet.of(InstructionSet.AVX2);
        }
        return shape.bits() == 512
                ? EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX512, InstructionSet.AVX512_VNNI)
                : EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX_VNNI);
    }

    /** The emitter for an arrangement of weights and a step from a window to the next. */
    static ByteDepthwiseEmitter of(
            DepthwiseWeights shape, int stride, boolean signedX, boolean signedY, boolean clips) {
        return switch (shape.form()) {
            case COLUMNS -> new DepthwiseColumns(shape, stride, signedX, signedY, clips);
            case ROWS -> new DepthwiseRows(shape, signedX, signedY, clips);
            case WORDS -> new DepthwiseWords(shape, signedX, signedY, clips);
        };
    }

    final VectorRegister[] registers(int first, int number) {
        return VectorRegister.range(first, number, shape.bits());
    }

    /** The part of the name that stands for the loop over windows. */
    abstract String form();

    /** Code before the first row of windows of a block of channels. */
    void startBlock() {}

    /** The loop over the windows of a row: {@link #x} and {@link #y} are those of the first. */
    abstract void windows();

    /** The name of the function. */
    final String id() {
        return "depthwise_" + (signedX ? "s8" : "u8") + "s8_to_" + (signedY ? "s8_" : "u8_") + form()
                + (clips ? "_clipped_" : "_")
                + shape.suffix();
    }

    /** Writes the function. */
    final byte[] emit() {
        Frame.enter(a);
        a.mov(pixel, X_PIXEL.address());
        a.mov(weights, ByteDepthwiseArgument.WEIGHTS.address());
        a.emit(VectorInstruction.VPBROADCASTD, zero, ByteDepthwiseArgument.ZERO.address());
        X.copyTo(a, temporary, X_BLOCK);
        Y.copyTo(a, temporary, Y_BLOCK);
        BLOCKS.copyTo(a, temporary, BLOCKS_LEFT);
        Label block = new Label();
        a.bind(block);
        loadMask();
        startBlock();
        X_BLOCK.copyTo(a, temporary, X_PLACE);
        Y_BLOCK.copyTo(a, temporary, Y_PLACE);
        LINES.copyTo(a, temporary, LINES_LEFT);
        Label line = new Label();
        a.bind(line);
        a.mov(x, X_PLACE.address());
        a.mov(y, Y_PLACE.address());
        windows();
        X_PLACE.advance(a, count, X_LINE.address());
        Y_PLACE.advance(a, count, Y_LINE.address());
        LINES_LEFT.countDown(a, count, line);
        a.mov(temporary, shape.blockChannels());
        X_BLOCK.advance(a, count, temporary);
        a.mov(temporary, shape.blockChannels());
        Y_BLOCK.advance(a, count, temporary);
        a.add(weights, shape.blockBytes());
        BLOCKS_LEFT.countDown(a, count, block);
        Frame.leave(a);
        return a.toBytes();
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

    final Address at(int offset) {
        return Address.at(weights, offset);
    }

    /** Loads pixels and interleaves them; the first ones of {@link #pixels} hold them, the last one stands for the others. */
    final void interleave(Address... from) {
        for (int i = 0; i < from.length; i++) {
            load(pixels[i], from[i]);
        }
        VectorRegister[] own = new VectorRegister[TAPS];
        for (int i = 0; i < TAPS; i++) {
            own[i] = pixels[Math.min(i, from.length - 1)];
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
    }

    /** Loads a pixel. Signed bytes become unsigned ones by adding 128. */
    private void load(VectorRegister to, Address from) {
        if (shape.bits() == 512) {
            a.emit(VectorInstruction.VMOVDQU8, to.zeroed(MASK), from);
        } else {
            a.emit(VectorInstruction.VMOVUPS, to, from);
        }
        if (signedX) {
            VectorRegister signs = pairs[0];
            a.emit(VectorInstruction.VPBROADCASTD, signs, ByteDepthwiseArgument.SIGNS.address());
            a.emit(shape.bits() == 512 ? VectorInstruction.VPXORD : VectorInstruction.VPXOR, to, to, signs);
        }
    }

    /** Gives sums their first values. */
    final void begin(VectorRegister[] sums) {
        for (int v = 0; v < shape.vectors(); v++) {
            a.emit(VectorInstruction.VMOVUPS, sums[v], at(shape.biasOffset(v)));
        }
    }

    /** Adds the products of interleaved pixels and weights. */
    final void multiply(VectorRegister[] sums, Operand[] factors) {
        for (int v = 0; v < shape.vectors(); v++) {
            a.emit(
                    shape.bits() == 512 ? VectorInstruction.VPDPBUSD : VectorInstruction.VPDPBUSD_VEX,
                    sums[v],
                    pixels[v],
                    factors[v]);
        }
    }

    /** Requantises sums and stores the result of a window. */
    final void finish(VectorRegister[] sums) {
        requantise(sums);
        store(sums[0]);
        a.add(y, Y_PIXEL.address());
    }

    /** Whether the pixels are signed. */
    final boolean isSigned() {
        return signedX;
    }

    /** Turns vectors of sums into one of bytes: two of them into half of one. */
    private void requantise(VectorRegister[] sums) {
        for (int v = 0; v < shape.vectors(); v++) {
            VectorRegister sum = sums[v];
            a.emit(VectorInstruction.VCVTDQ2PS, sum, sum);
            a.emit(VectorInstruction.VMULPS, sum, sum, at(shape.factorOffset(v)));
            if (clips) {
                a.emit(VectorInstruction.VBROADCASTSS, pixels[0], ByteDepthwiseArgument.LARGEST.address());
                a.emit(VectorInstruction.VMINPS, sum, pixels[0], sum);
            }
            a.emit(VectorInstruction.VCVTPS2DQ, sum, sum);
        }
        VectorInstruction narrow = signedY ? VectorInstruction.VPACKSSWB : VectorInstruction.VPACKUSWB;
        for (int v = 0; v < shape.vectors(); v += 2) {
            a.emit(VectorInstruction.VPACKSSDW, sums[v], sums[v], sums[v + 1]);
            a.emit(VectorInstruction.VPADDSW, sums[v], sums[v], zero);
        }
        if (shape.vectors() == TAPS) {
            a.emit(narrow, sums[0], sums[0], sums[2]);
            return;
        }
        VectorRegister low = sums[0].as(128);
        VectorRegister high = sums[1].as(128);
        a.emit(VectorInstruction.VEXTRACTI128, high, sums[0], 1);
        a.emit(narrow, low, low, high);
    }

    private void store(VectorRegister bytes) {
        Address to = Address.at(y, 0);
        if (shape.bits() == 512) {
            a.emit(VectorInstruction.VMOVDQU8_STORE, to.masked(MASK), bytes);
            return;
        }
        VectorRegister own = bytes.as(shape.blockChannels() * Byte.SIZE);
        Label masked = new Label();
        Label end = new Label();
        a.mov(temporary, BLOCKS_LEFT.address());
        a.add(temporary, LAST_IS_WHOLE.address());
        a.cmp(temporary, 1);
        a.jump(Condition.EQUAL, masked);
        a.emit(VectorInstruction.VMOVUPS_STORE, to, own);
        a.jmp(end);
        a.bind(masked);
        a.emit(VectorInstruction.VMOVUPS, pixels[0], LAST_MASKS.address());
        a.emit(VectorInstruction.VMASKMOVPS_STORE, to, pixels[0].as(own.bits()), own);
        a.bind(end);
    }
}
