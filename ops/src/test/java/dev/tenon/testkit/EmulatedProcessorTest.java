package dev.tenon.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.asm.Address;
import dev.tenon.asm.Gpr;
import dev.tenon.asm.InstructionSet;
import dev.tenon.asm.X64Assembler;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The emulated processor finds what it is there to find. */
@Tag("exhaustive")
class EmulatedProcessorTest {
    private final EmulatedProcessor computer = new EmulatedProcessor();

    @TempDir
    private Path folder;

    private static void needsEmulator() {
        TestData.needs(EmulatedProcessor.isThere(), EmulatedProcessor.ABSENCE, "tenon.test.bochs");
    }

    private long function(Consumer<X64Assembler> code) {
        X64Assembler a = new X64Assembler(EnumSet.allOf(InstructionSet.class));
        code.accept(a);
        a.ret();
        return computer.put(a.toBytes(), true);
    }

    private static byte[] number(long value) {
        return ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(value)
                .array();
    }

    @Test
    void wrongResultsAreFound() throws IOException, InterruptedException {
        needsEmulator();
        long add = function(a -> {
            a.mov(Gpr.RAX, Address.at(Gpr.RDI, 0));
            a.add(Gpr.RAX, 5);
            a.store(Address.at(Gpr.RDI, 0), Gpr.RAX);
        });
        for (boolean last : new boolean[] {false, true}) {
            long operand = computer.put(number(0x1234_5678_9ABCL), last);
            computer.call(add, operand);
            computer.expect(operand, number(0x1234_5678_9AC1L));
            computer.call(add, operand);
            computer.expect(operand, number(0x1234_5678_9AC1L));
            computer.call(add, operand);
        }
        String wrong = "wrong with 7 bytes left to compare";
        assertThat(computer.run(folder)).isEqualTo(List.of(".", wrong, ".", ".", wrong, "."));
    }

    @Test
    void registersAndTilesOfTheCallerAreChecked() throws IOException, InterruptedException {
        needsEmulator();
        byte[] shapes = new byte[64];
        shapes[0] = 1;
        shapes[16] = 4;
        shapes[48] = 1;
        long operand = computer.put(shapes, true);
        for (Gpr kept : new Gpr[] {Gpr.RBX, Gpr.R12, Gpr.R13, Gpr.R14, Gpr.R15}) {
            computer.call(function(a -> a.add(kept, 1)), operand);
        }
        computer.call(function(a -> a.add(Gpr.RSI, 1)), operand);
        computer.call(function(a -> a.ldtilecfg(Address.at(Gpr.RDI, 0))), operand);
        computer.call(
                function(a -> {
                    a.ldtilecfg(Address.at(Gpr.RDI, 0));
                    a.tilerelease();
                }),
                operand);
        String registers = "the caller's registers are not what they were";
        assertThat(computer.run(folder))
                .isEqualTo(List.of(
                        registers, registers, registers, registers, registers, ".", "tiles are not given up", "."));
    }

    /** The sizes of tiles that kernels demand of a processor are those of the one that is emulated. */
    @Test
    void tilesHaveTheSizesOfTheModel() throws IOException, InterruptedException {
        needsEmulator();
        long palette = computer.put(new byte[16], true);
        computer.call(function(a -> cpuid(a, 0x1D, 1)), palette);
        computer.expect(palette, words(0x0400_2000, 0x0008_0040, 0x10, 0));
        long product = computer.put(new byte[16], true);
        computer.call(function(a -> cpuid(a, 0x1E, 0)), product);
        computer.expect(product, words(0, 0x4010, 0, 0));
        assertThat(computer.run(folder)).isEqualTo(List.of(".", "."));
    }

    private static void cpuid(X64Assembler a, int leaf, int part) {
        a.mov(Gpr.R8, Gpr.RBX);
        a.mov(Gpr.RAX, (long) leaf);
        a.mov(Gpr.RCX, (long) part);
        a.cpuid();
        Gpr[] answer = {Gpr.RAX, Gpr.RBX, Gpr.RCX, Gpr.RDX};
        for (int i = 0; i < answer.length; i++) {
            a.store32(Address.at(Gpr.RDI, 4 * i), answer[i]);
        }
        a.mov(Gpr.RBX, Gpr.R8);
    }

    private static byte[] words(int... values) {
        ByteBuffer bytes = ByteBuffer.allocate(values.length * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int value : values) {
            bytes.putInt(value);
        }
        return bytes.array();
    }

    @Test
    void aByteAfterAnOperandStopsTheComputer() {
        needsEmulator();
        stops(8, true);
    }

    @Test
    void aByteBeforeAnOperandStopsTheComputer() {
        needsEmulator();
        stops(-8, false);
    }

    private void stops(int displacement, boolean last) {
        long operand = computer.put(number(1), last);
        computer.call(function(a -> a.mov(Gpr.RAX, Address.at(Gpr.RDI, 0))), operand);
        computer.call(function(a -> a.mov(Gpr.RAX, Address.at(Gpr.RDI, displacement))), operand);
        assertThatThrownBy(() -> computer.run(folder))
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining("stopped after 1 of 2 calls");
    }
}
