package dev.tenon.kernel.x64.quant;

import static dev.tenon.asm.Gpr.R10;
import static dev.tenon.asm.Gpr.R8;
import static dev.tenon.asm.Gpr.R9;
import static dev.tenon.asm.Gpr.RCX;
import static dev.tenon.asm.Gpr.RDI;
import static dev.tenon.asm.Gpr.RDX;
import static dev.tenon.asm.Gpr.RSI;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.Label;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.kernel.x64.VectorEmitter;
import dev.tenon.nativecode.NativeFunction;

/** Writes the functions of quantisation. Those that make or read bytes take whole vectors only. */
final class QuantEmitter {
    private static final float ROUNDER = 0x1.8p23f;
    private static final int ROUNDER_BITS = 0x4b400000;
    private static final float RANGE = 255;
    private static final int BYTE_MASK = 0xFF;
    private static final int WIDE = 512;

    private final VectorEmitter e;
    private final X64Assembler a;

    private QuantEmitter(int bits) {
        e = new VectorEmitter(bits);
        a = e.assembler();
    }

    /**
     * The function that finds the least and the greatest number, 0 among them; NaN is left out. Arguments: the numbers, how
     * many, the address of the two results.
     */
    static NativeFunction range(int bits) {
        return KernelCode.of("range_f32_" + VectorEmitter.suffix(bits), () -> new QuantEmitter(bits).range());
    }

    /**
     * The function that quantises. Arguments: the numbers, the bytes, how many, and the bits of the scale, of the lowest byte
     * less the zero point as a float, and of the zero point.
     */
    static NativeFunction quantize(int bits) {
        return KernelCode.of("quantize_f32_" + VectorEmitter.suffix(bits), () -> new QuantEmitter(bits).quantize());
    }

    /**
     * The function that quantises and leaves integers less their zero point as floats. Arguments: the numbers, the results, how
     * many, and the bits of the scale and of the lowest result. It takes any number of elements.
     */
    static NativeFunction centre(int bits) {
        return KernelCode.of("centre_f32_" + VectorEmitter.suffix(bits), () -> new QuantEmitter(bits).centre());
    }

    /** The function that dequantises. Arguments: the bytes, the numbers, how many, the bits of the scale, the zero point. */
    static NativeFunction dequantize(int bits, boolean signed) {
        String name = "dequantize_" + (signed ? "i8_" : "u8_") + VectorEmitter.suffix(bits);
        return KernelCode.of(name, () -> new QuantEmitter(bits).dequantize(signed));
    }

    private byte[] range() {
        VectorRegister[] least = e.takeAccumulators();
        VectorRegister[] greatest = e.takeAccumulators();
        VectorRegister x = e.take();
        e.loadPool();
        for (int i = 0; i < least.length; i++) {
            e.clear(least[i]);
            e.clear(greatest[i]);
        }
        e.reduce(RSI, R10, RDI, least, (low, from, tail) -> {
            VectorRegister high = greatest[indexOf(least, low)];
            e.load(x, from, tail);
            // The second operand if the first one is NaN.
            a.emit(VectorInstruction.VMINPS, low, x, low);
            a.emit(VectorInstruction.VMAXPS, high, x, high);
        });
        e.combine(least, VectorInstruction.VMINPS);
        e.combine(greatest, VectorInstruction.VMAXPS);
        a.emit(VectorInstruction.VMOVD_STORE, Address.at(RDX, 0), least[0].as(128));
        a.emit(VectorInstruction.VMOVD_STORE, Address.at(RDX, Float.BYTES), greatest[0].as(128));
        a.vzeroupper();
        a.ret();
        return e.finish();
    }

    private static int indexOf(VectorRegister[] registers, VectorRegister wanted) {
        int i = 0;
        while (!registers[i].equals(wanted)) {
            i++;
        }
        return i;
    }

    private byte[] quantize() {
        VectorRegister scale = e.take();
        VectorRegister low = e.take();
        VectorRegister high = e.take();
        VectorRegister shift = e.take();
        VectorRegister x = e.take();
        VectorRegister half = e.take();
        e.loadPool();
        broadcast(scale, RCX);
        broadcast(low, R8);
        broadcast(high, R9);
        // The bits of the rounder less the zero point.
        e.load(shift, Float.intBitsToFloat(ROUNDER_BITS));
        a.emit(VectorInstruction.VPSUBD, shift, shift, high);
        a.emit(VectorInstruction.VADDPS, high, low, e.constant(RANGE));
        vectors(() -> {
            a.emit(VectorInstruction.VMOVUPS, x, Address.at(RDI, 0));
            a.emit(VectorInstruction.VDIVPS, x, x, scale);
            // NaN becomes the lowest number.
            a.emit(VectorInstruction.VMAXPS, x, x, low);
            a.emit(VectorInstruction.VMINPS, x, x, high);
            a.emit(VectorInstruction.VADDPS, x, x, e.constant(ROUNDER));
            a.emit(VectorInstruction.VPSUBD, x, x, shift);
            storeBytes(x, half);
            a.add(RDI, e.bytes());
            a.add(RSI, e.lanes());
        });
        return e.finish();
    }

    private byte[] centre() {
        VectorRegister scale = e.take();
        VectorRegister low = e.take();
        VectorRegister high = e.take();
        VectorRegister rounder = e.take();
        VectorRegister x = e.take();
        e.loadPool();
        broadcast(scale, RCX);
        broadcast(low, R8);
        a.emit(VectorInstruction.VADDPS, high, low, e.constant(RANGE));
        e.load(rounder, ROUNDER);
        e.loop(
                RDX,
                R10,
                tail -> {
                    e.load(x, Address.at(RDI, 0), tail);
                    e.roundSteps(x, scale, low, high, rounder);
                    e.store(Address.at(RSI, 0), x, tail);
                },
                () -> {
                    a.add(RDI, e.bytes());
                    a.add(RSI, e.bytes());
                });
        a.vzeroupper();
        a.ret();
        return e.finish();
    }

    private void broadcast(VectorRegister to, Gpr from) {
        a.emit(VectorInstruction.VMOVD, to.as(128), from);
        e.broadcast(to);
    }

    /** Stores the low bytes of a vector of integers. */
    private void storeBytes(VectorRegister x, VectorRegister half) {
        if (e.bits() == WIDE) {
            a.emit(VectorInstruction.VPMOVDB_STORE, Address.at(RSI, 0), x);
            return;
        }
        a.emit(VectorInstruction.VPAND, x, x, e.constant(BYTE_MASK));
        a.emit(VectorInstruction.VEXTRACTI128, half.as(128), x, 1);
        a.emit(VectorInstruction.VPACKUSDW, x.as(128), x.as(128), half.as(128));
        a.emit(VectorInstruction.VPACKUSWB, x.as(128), x.as(128), x.as(128));
        a.emit(VectorInstruction.VMOVQ_STORE, Address.at(RSI, 0), x.as(128));
    }

    private byte[] dequantize(boolean signed) {
        VectorRegister scale = e.take();
        VectorRegister zero = e.take();
        VectorRegister x = e.take();
        e.loadPool();
        broadcast(scale, RCX);
        broadcast(zero, R8);
        vectors(() -> {
            a.emit(signed ? VectorInstruction.VPMOVSXBD : VectorInstruction.VPMOVZXBD, x, Address.at(RDI, 0));
            a.emit(VectorInstruction.VPSUBD, x, x, zero);
            a.emit(VectorInstruction.VCVTDQ2PS, x, x);
            a.emit(VectorInstruction.VMULPS, x, x, scale);
            a.emit(VectorInstruction.VMOVUPS_STORE, Address.at(RSI, 0), x);
            a.add(RDI, e.lanes());
            a.add(RSI, e.bytes());
        });
        return e.finish();
    }

    /** A loop over the whole vectors of RDX elements, and the end of the function. */
    private void vectors(Runnable body) {
        Label turn = new Label();
        Label end = new Label();
        a.shr(RDX, Integer.numberOfTrailingZeros(e.lanes()));
        a.test(RDX);
        a.jump(Condition.EQUAL, end);
        a.align();
        a.bind(turn);
        body.run();
        a.sub(RDX, 1);
        a.jump(Condition.NOT_EQUAL, turn);
        a.bind(end);
        a.vzeroupper();
        a.ret();
    }
}
