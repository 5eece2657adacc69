package dev.tenon.benchmarks.ceiling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tenon.asm.InstructionSet;
import dev.tenon.kernel.table.Tiers;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The instructions of kernels, and the loops that measure their peaks. */
@Tag("vector")
class InstructionTest {
    @ParameterizedTest
    @CsvSource({
        "gemm_u8s8_12x32_avx512vnni, BYTES_512",
        "gemm_s8s8_6x16_avxvnni, BYTES_256",
        "gemm_f32_as_u8_12x32_avx512vnni, BYTES_512",
        "gemm_f32_as_bf16_12x32_avx512bf16, BF16_512",
        "gemm_f32_12x32_avx512, FLOAT_512",
        "gemm_f32_12x32_avx512_relu, FLOAT_512",
        "gemm_f32_6x16_avx2, FLOAT_256",
        "conv_f32_last_x64_12x32_avx512, FLOAT_512",
        "block_gemm_s8_1x32_avx512vnni, BYTES_512",
        "gemm_u8s8_32x32_amxint8, TILE_BYTES",
        "gemm_f32_as_bf16_32x32_amxbf16, TILE_BF16",
        "gemm_u8s8_4x16_avx2,",
        "softmax_f32_avx512,",
        "gemm_f32_12x32_vector512,",
        ","
    })
    void isThatOfTheKernel(String kernel, Instruction expected) {
        assertThat(Instruction.of(kernel)).isEqualTo(expected);
    }

    @ParameterizedTest
    @EnumSource
    void isRepeatedWhereTheMachineHasIt(Instruction instruction) {
        Set<InstructionSet> sets = Tiers.detect().capabilities().instructions();
        if (instruction.isIn(sets)) {
            assertThat(new InstructionPeak(instruction).run())
                    .isEqualTo(InstructionPeak.operations(instruction))
                    .isPositive();
        } else {
            assertThatThrownBy(() -> new InstructionPeak(instruction))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("there is no " + instruction.title());
        }
    }

    /** Each loop counts its runs to the end, whatever the number of its sums. */
    @Test
    void operationsAreWholeLoops() {
        for (Instruction i : Instruction.values()) {
            double instructions = InstructionPeak.operations(i) / i.operations();
            assertThat(instructions % 24 == 0 || i.bits() == 0 && instructions % 4 == 0)
                    .isTrue();
        }
    }
}
