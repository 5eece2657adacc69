package dev.tenon.kernel.x64;

import dev.tenon.asm.Address;
import dev.tenon.asm.Condition;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.Label;
import dev.tenon.asm.Operand;
import dev.tenon.asm.X64Assembler;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An argument of a function in machine code: 8 bytes of its block of arguments, after those that {@link Frame} keeps for the
 * function. The constants of an enum are the arguments of one function, in the order of their slots.
 */
public interface ArgumentSlot {
    /** {@return the number of slots before this one} */
    int ordinal();

    /** {@return the offset of the slot in a block, bytes} */
    default int offset() {
        return Frame.SAVE_BYTES + ordinal() * Long.BYTES;
    }

    /** {@return the slot as an operand of an instruction of the function} */
    default Address address() {
        return Address.at(Frame.BLOCK, offset());
    }

    /**
     * Sets the argument.
     *
     * @param block the block
     * @param value an integer or an address
     */
    default void set(MemorySegment block, long value) {
        set(block, 0, value);
    }

    /**
     * Sets the argument.
     *
     * @param block the block
     * @param value a float32
     */
    default void set(MemorySegment block, float value) {
        set(block, 0, value);
    }

    /**
     * Sets the argument in a block that starts at an offset.
     *
     * @param memory memory with the block
     * @param block the offset, bytes
     * @param value an integer or an address
     */
    default void set(MemorySegment memory, long block, long value) {
        memory.set(ValueLayout.JAVA_LONG, block + offset(), value);
    }

    /**
     * Sets the argument in a block that starts at an offset.
     *
     * @param memory memory with the block
     * @param block the offset, bytes
     * @param value a float32
     */
    default void set(MemorySegment memory, long block, float value) {
        memory.set(ValueLayout.JAVA_FLOAT, block + offset(), value);
    }

    /**
     * The argument.
     *
     * @param block the block
     * @return an integer or an address
     */
    default long get(MemorySegment block) {
        return block.get(ValueLayout.JAVA_LONG, offset());
    }

    /**
     * Code that takes 1 from a number that the function keeps in the slot, and jumps while it is not 0.
     *
     * @param a the assembler
     * @param temporary a register whose value is lost
     * @param loop the target
     */
    default void countDown(X64Assembler a, Gpr temporary, Label loop) {
        a.mov(temporary, address());
        a.sub(temporary, 1);
        a.store(address(), temporary);
        a.jump(Condition.NOT_EQUAL, loop);
    }

    /**
     * Code that copies the slot to another.
     *
     * @param a the assembler
     * @param temporary a register whose value is lost
     * @param target the other slot
     */
    default void copyTo(X64Assembler a, Gpr temporary, ArgumentSlot target) {
        a.mov(temporary, address());
        a.store(target.address(), temporary);
    }

    /**
     * Code that adds to a number that the function keeps in the slot.
     *
     * @param a the assembler
     * @param temporary a register whose value is lost
     * @param term the number to add
     */
    default void advance(X64Assembler a, Gpr temporary, Operand term) {
        a.mov(temporary, address());
        a.add(temporary, term);
        a.store(address(), temporary);
    }

    /**
     * Code that adds to a number that the function keeps in the slot.
     *
     * @param a the assembler
     * @param temporary a register whose value is lost
     * @param term the number to add
     */
    default void advance(X64Assembler a, Gpr temporary, int term) {
        a.mov(temporary, address());
        a.add(temporary, term);
        a.store(address(), temporary);
    }

    /**
     * Code that loads the argument, and jumps if it is 0.
     *
     * @param a the assembler
     * @param register receives the argument
     * @param target the target
     */
    default void jumpIfZero(X64Assembler a, Gpr register, Label target) {
        a.mov(register, address());
        a.test(register);
        a.jump(Condition.EQUAL, target);
    }

    /**
     * Code that runs only if the argument is not 0.
     *
     * @param a the assembler
     * @param register receives the argument
     * @param body writes the code
     */
    default void ifGiven(X64Assembler a, Gpr register, Runnable body) {
        Label end = new Label();
        jumpIfZero(a, register, end);
        body.run();
        a.bind(end);
    }

    /**
     * The size of a block that ends with its slots.
     *
     * @param slots their number
     * @return bytes, a multiple of 64
     */
    static int blockBytes(int slots) {
        return (Frame.SAVE_BYTES + slots * Long.BYTES + 63) / 64 * 64;
    }
}
