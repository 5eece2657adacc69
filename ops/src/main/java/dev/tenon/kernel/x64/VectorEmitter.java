package dev.tenon.kernel.x64;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.ConstantPool;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.Label;
import dev.tenon.asm.MaskRegister;
import dev.tenon.asm.Operand;
import dev.tenon.asm.VectorInstruction;
import dev.tenon.asm.VectorRegister;
import dev.tenon.asm.X64Assembler;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumSet;
import java.util.Set;

/**
 * The common parts of loops over vectors of float32, whatever their width: registers, constants, the elements after the last
 * whole vector, comparisons, and sums across a vector. RAX is for this class alone; the address of the constants is in R11.
 * Not thread-safe.
 */
public final class VectorEmitter {
    /** The register with the address of the constants. */
    public static final Gpr POOL = Gpr.R11;

    /** A register that any method may overwrite. */
    public static final Gpr TEMPORARY = Gpr.RAX;

    /** The comparison "greater or equal"; false for NaN. */
    public static final int GREATER_EQUAL = 0x1D;

    /** The comparison "less"; false for NaN. */
    public static final int LESS = 0x11;

    /** The comparison "equal"; false for NaN. */
    public static final int EQUAL = 0x00;

    /** The comparison "one is NaN". */
    public static final int UNORDERED = 0x03;

    /** The vectors of partial results of a reduction. */
    public static final int ACCUMULATORS = 4;

    private static final int WIDE = 512;
    private static final int REGISTERS_512 = 32;
    private static final int REGISTERS_256 = 16;
    private static final MaskRegister TAIL = new MaskRegister(1);
    private static final MaskRegister COMPARED = new MaskRegister(2);

    private final X64Assembler a;
    private final int bits;
    private final ConstantPool pool;
    private final Deque<VectorRegister> free = new ArrayDeque<>();
    private final VectorRegister tailVector;
    private final int tailTable;

    /**
     * An emitter for a new function.
     *
     * @param bits the width of vectors: 256 or 512
     */
    public VectorEmitter(int bits) {
        this.bits = bits;
        a = new X64Assembler(needs(bits));
        pool = new ConstantPool(a, POOL);
        int count = bits == WIDE ? REGISTERS_512 : REGISTERS_256 - 1;
        for (int i = 0; i < count; i++) {
            free.add(VectorRegister.of(i, bits));
        }
        tailVector = VectorRegister.of(REGISTERS_256 - 1, bits);
        int lanes = bits / Float.SIZE;
        int[] masks = new int[bits == WIDE ? lanes : lanes * lanes];
        for (int i = 0; i < masks.length; i++) {
            masks[i] = bits == WIDE ? (1 << i) - 1 : i % lanes < i / lanes ? -1 : 0;
        }
        tailTable = pool.table(masks);
    }

    /**
     * The instruction sets of code with vectors of a width.
     *
     * @param bits 256 or 512
     * @return the sets
     */
    public static Set<InstructionSet> needs(int bits) {
        return bits == WIDE ? EnumSet.of(InstructionSet.AVX2, InstructionSet.AVX512) : EnumSet.of(InstructionSet.AVX2);
    }

    /**
     * The part of the name of a function or kernel that stands for the width of vectors.
     *
     * @param bits 256 or 512
     * @return the name of an instruction set
     */
    public static String suffix(int bits) {
        return bits == WIDE ? "avx512" : "avx2";
    }

    /** {@return the assembler} */
    public X64Assembler assembler() {
        return a;
    }

    /** {@return the width of a vector, bits} */
    public int bits() {
        return bits;
    }

    /** {@return the elements of a vector} */
    public int lanes() {
        return bits / Float.SIZE;
    }

    /** {@return the size of a vector, bytes} */
    public int bytes() {
        return bits / Byte.SIZE;
    }

    /** Code that a function with constants begins with. */
    public void loadPool() {
        pool.loadAddress();
    }

    /**
     * Ends the function: appends the constants.
     *
     * @return its bytes
     */
    public byte[] finish() {
        pool.append();
        return a.toBytes();
    }

    /** {@return a register that nobody else has} */
    public VectorRegister take() {
        if (free.isEmpty()) {
            throw new IllegalStateException("no vector register is left");
        }
        return free.removeFirst();
    }

    /**
     * Gives registers back.
     *
     * @param registers registers that were taken
     */
    public void give(VectorRegister... registers) {
        for (VectorRegister r : registers) {
            free.addFirst(r);
        }
    }

    /**
     * A constant in memory, as the last operand of an instruction.
     *
     * @param value the constant
     * @return its address
     */
    public Address constant(float value) {
        return constant(Float.floatToRawIntBits(value));
    }

    /**
     * A constant in memory, as the last operand of an instruction.
     *
     * @param value its bits
     * @return its address
     */
    public Address constant(int value) {
        return bits == WIDE ? pool.repeated(value, 1).broadcasting() : pool.repeated(value, bits / Float.SIZE);
    }

    /**
     * Loads a constant.
     *
     * @param to the register
     * @param value the constant
     */
    public void load(VectorRegister to, float value) {
        a.emit(
                VectorInstruction.VBROADCASTSS,
                to,
                pool.repeated(Float.floatToRawIntBits(value), bits == WIDE ? 1 : lanes()));
    }

    /**
     * Copies a register.
     *
     * @param to the destination
     * @param from the source
     */
    public void move(VectorRegister to, VectorRegister from) {
        a.emit(VectorInstruction.VMOVUPS, to, from);
    }

    /**
     * Makes a register 0.
     *
     * @param to the register
     */
    public void clear(VectorRegister to) {
        a.emit(VectorInstruction.VXORPS, to, to, to);
    }

    /**
     * Takes a number of elements, less than a vector has, for {@link #loadTail} and {@link #storeTail}.
     *
     * @param count the register with the number; TEMPORARY is allowed
     */
    public void setTail(Gpr count) {
        if (bits == WIDE) {
            a.mov32(TEMPORARY, Address.at(POOL, count, Integer.BYTES, tailTable));
            a.emit(VectorInstruction.KMOVW, TAIL, TEMPORARY);
        } else {
            if (count != TEMPORARY) {
                a.mov(TEMPORARY, count);
            }
            a.shl(TEMPORARY, Integer.numberOfTrailingZeros(bytes()));
            a.emit(VectorInstruction.VMOVUPS, tailVector, Address.at(POOL, TEMPORARY, 1, tailTable));
        }
    }

    /**
     * Loads the elements of the tail; the others become 0.
     *
     * @param to the register
     * @param from the address of the first element
     */
    public void loadTail(VectorRegister to, Address from) {
        if (bits == WIDE) {
            a.emit(VectorInstruction.VMOVUPS, to.zeroed(TAIL), from);
        } else {
            a.emit(VectorInstruction.VMASKMOVPS, to, tailVector, from);
        }
    }

    /**
     * Stores the elements of the tail.
     *
     * @param to the address of the first element
     * @param from the register
     */
    public void storeTail(Address to, VectorRegister from) {
        if (bits == WIDE) {
            a.emit(VectorInstruction.VMOVUPS_STORE, to.masked(TAIL), from);
        } else {
            a.emit(VectorInstruction.VMASKMOVPS_STORE, to, tailVector, from);
        }
    }

    /**
     * Loads the elements of the tail; the others come from a register.
     *
     * @param to the register
     * @param from the address of the first element
     * @param others the register with the other elements, not the same one
     */
    public void loadTailOver(VectorRegister to, Address from, VectorRegister others) {
        if (bits == WIDE) {
            move(to, others);
            a.emit(VectorInstruction.VMOVUPS, to.masked(TAIL), from);
        } else {
            a.emit(VectorInstruction.VMASKMOVPS, to, tailVector, from);
            a.emit(VectorInstruction.VBLENDVPS, to, others, to, tailVector.number() << 4);
        }
    }

    /**
     * Replaces the elements that are not of the tail.
     *
     * @param to the register
     * @param others the register with the other elements
     */
    public void replaceAfterTail(VectorRegister to, VectorRegister others) {
        if (bits == WIDE) {
            VectorRegister t = take();
            move(t, to);
            move(to, others);
            a.emit(VectorInstruction.VMOVUPS, to.masked(TAIL), t);
            give(t);
        } else {
            a.emit(VectorInstruction.VBLENDVPS, to, others, to, tailVector.number() << 4);
        }
    }

    /**
     * Replaces the elements for which a comparison holds.
     *
     * @param to the register
     * @param other the elements to put there
     * @param left the left side of the comparison
     * @param right the right side of the comparison, a register or a constant
     * @param comparison one of the constants of this class
     */
    public void replaceIf(VectorRegister to, VectorRegister other, VectorRegister left, Operand right, int comparison) {
        if (bits == WIDE) {
            a.emit(VectorInstruction.VCMPPS_MASK, COMPARED, left, right, comparison);
            a.emit(VectorInstruction.VMOVUPS, to.masked(COMPARED), other);
        } else {
            VectorRegister mask = take();
            a.emit(VectorInstruction.VCMPPS, mask, left, right, comparison);
            a.emit(VectorInstruction.VBLENDVPS, to, to, other, mask.number() << 4);
            give(mask);
        }
    }

    /**
     * Combines the lanes of a vector by an instruction, in pairs of halves. The result is in all lanes of a vector of 128 bits.
     *
     * @param value the vector, which is overwritten
     * @param combine the instruction
     */
    public void combineLanes(VectorRegister value, VectorInstruction combine) {
        VectorRegister half = take();
        if (bits == WIDE) {
            a.emit(VectorInstruction.VEXTRACTF64X4, half.as(256), value, 1);
            a.emit(combine, value.as(256), value.as(256), half.as(256));
        }
        VectorRegister low = value.as(128);
        VectorRegister other = half.as(128);
        a.emit(VectorInstruction.VEXTRACTF128, other, value.as(256), 1);
        a.emit(combine, low, low, other);
        a.emit(VectorInstruction.VSHUFPS, other, low, low, 0x4E);
        a.emit(combine, low, low, other);
        a.emit(VectorInstruction.VSHUFPS, other, low, low, 0xB1);
        a.emit(combine, low, low, other);
        give(half);
    }

    /**
     * Puts the first lane into all lanes.
     *
     * @param value the vector
     */
    public void broadcast(VectorRegister value) {
        a.emit(VectorInstruction.VBROADCASTSS, value, value.as(128));
    }

    /** Code for a vector of elements. */
    @FunctionalInterface
    public interface Body {
        /**
         * Writes the code.
         *
         * @param tail whether only the elements of the tail exist
         */
        void emit(boolean tail);
    }

    /**
     * A loop over whole vectors, and once more for the elements after them.
     *
     * @param elements the register with the number of elements, which is kept
     * @param left a register that is overwritten
     * @param body code for one vector, which must not change these registers
     * @param next code that moves addresses to the next vector
     */
    public void loop(Gpr elements, Gpr left, Body body, Runnable next) {
        Label turn = new Label();
        Label tail = new Label();
        Label end = new Label();
        a.mov(left, elements);
        a.shr(left, Integer.numberOfTrailingZeros(lanes()));
        a.test(left);
        a.jump(Condition.EQUAL, tail);
        a.align();
        a.bind(turn);
        body.emit(false);
        next.run();
        a.sub(left, 1);
        a.jump(Condition.NOT_EQUAL, turn);
        a.bind(tail);
        a.mov(TEMPORARY, elements);
        a.and(TEMPORARY, lanes() - 1);
        a.test(TEMPORARY);
        a.jump(Condition.EQUAL, end);
        setTail(TEMPORARY);
        body.emit(true);
        a.bind(end);
    }

    /** Code for a vector of elements of a reduction. */
    @FunctionalInterface
    public interface Reduction {
        /**
         * Writes the code.
         *
         * @param accumulator the vector of partial results
         * @param from the address of the elements
         * @param tail whether only the elements of the tail exist
         */
        void emit(VectorRegister accumulator, Address from, boolean tail);
    }

    /**
     * A loop that reduces neighbouring elements with {@link #ACCUMULATORS} vectors of partial results.
     *
     * @param elements the register with the number of elements, which is kept
     * @param left a register that is overwritten
     * @param address the register with the address of the first element, which is overwritten
     * @param accumulators the vectors of partial results
     * @param body code for one vector
     */
    public void reduce(Gpr elements, Gpr left, Gpr address, VectorRegister[] accumulators, Reduction body) {
        int unroll = accumulators.length;
        Label turn = new Label();
        Label rest = new Label();
        Label one = new Label();
        Label tail = new Label();
        Label end = new Label();
        int shift = Integer.numberOfTrailingZeros(lanes());
        a.mov(left, elements);
        a.shr(left, shift + Integer.numberOfTrailingZeros(unroll));
        a.test(left);
        a.jump(Condition.EQUAL, rest);
        a.align();
        a.bind(turn);
        for (int i = 0; i < unroll; i++) {
            body.emit(accumulators[i], Address.at(address, i * bytes()), false);
        }
        a.add(address, unroll * bytes());
        a.sub(left, 1);
        a.jump(Condition.NOT_EQUAL, turn);
        a.bind(rest);
        a.mov(left, elements);
        a.shr(left, shift);
        a.and(left, unroll - 1);
        a.test(left);
        a.jump(Condition.EQUAL, tail);
        a.bind(one);
        body.emit(accumulators[0], Address.at(address, 0), false);
        a.add(address, bytes());
        a.sub(left, 1);
        a.jump(Condition.NOT_EQUAL, one);
        a.bind(tail);
        a.mov(TEMPORARY, elements);
        a.and(TEMPORARY, lanes() - 1);
        a.test(TEMPORARY);
        a.jump(Condition.EQUAL, end);
        setTail(TEMPORARY);
        body.emit(accumulators[0], Address.at(address, 0), true);
        a.bind(end);
    }

    /**
     * Combines partial results into the first vector.
     *
     * @param accumulators the vectors
     * @param combine the instruction
     */
    public void combine(VectorRegister[] accumulators, VectorInstruction combine) {
        for (int step = accumulators.length / 2; step > 0; step /= 2) {
            for (int i = 0; i < step; i++) {
                a.emit(combine, accumulators[i], accumulators[i], accumulators[i + step]);
            }
        }
        combineLanes(accumulators[0], combine);
    }

    /** {@return {@link #ACCUMULATORS} registers} */
    public VectorRegister[] takeAccumulators() {
        VectorRegister[] taken = new VectorRegister[ACCUMULATORS];
        for (int i = 0; i < ACCUMULATORS; i++) {
            taken[i] = take();
        }
        return taken;
    }

    /**
     * Loads a vector, or its elements that exist.
     *
     * @param to the register
     * @param from the address
     * @param tail whether only the elements of the tail exist
     */
    public void load(VectorRegister to, Address from, boolean tail) {
        if (tail) {
            loadTail(to, from);
        } else {
            a.emit(VectorInstruction.VMOVUPS, to, from);
        }
    }

    /**
     * Stores a vector, or its elements that exist.
     *
     * @param to the address
     * @param from the register
     * @param tail whether only the elements of the tail exist
     */
    public void store(Address to, VectorRegister from, boolean tail) {
        if (tail) {
            storeTail(to, from);
        } else {
            a.emit(VectorInstruction.VMOVUPS_STORE, to, from);
        }
    }

    /**
     * Divides numbers by a step, limits them, and rounds them to whole steps, half to even. NaN becomes the least number.
     *
     * @param x the numbers, and the result
     * @param step the step, in all lanes
     * @param least the least result, in all lanes
     * @param greatest the greatest result, in all lanes, of at most 2^22
     * @param rounder {@code 0x1.8p23} in all lanes, whose addition leaves no fraction
     */
    public void roundSteps(
            VectorRegister x,
            VectorRegister step,
            VectorRegister least,
            VectorRegister greatest,
            VectorRegister rounder) {
        a.emit(VectorInstruction.VDIVPS, x, x, step);
        a.emit(VectorInstruction.VMAXPS, x, x, least);
        a.emit(VectorInstruction.VMINPS, x, x, greatest);
        a.emit(VectorInstruction.VADDPS, x, x, rounder);
        a.emit(VectorInstruction.VSUBPS, x, x, rounder);
    }
}
