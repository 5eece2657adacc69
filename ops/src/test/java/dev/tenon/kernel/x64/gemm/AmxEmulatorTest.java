package dev.tenon.kernel.x64.gemm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.testkit.EmulatedProcessor;
import dev.tenon.testkit.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/**
 * Functions of tile registers on a processor that Bochs emulates, bit for bit against scalar arithmetic. Operands touch pages
 * that are not mapped. Tests of {@link AmxBlockTest} do the same on a processor that has AMX.
 */
@Tag("vector")
@Tag("exhaustive")
class AmxEmulatorTest {
    private static final int ROUNDS = 4;
    private static final int CASES = 400;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final AmxCases source = new AmxCases(random);

    @TempDir
    private Path folder;

    @Test
    void functionsAroundEveryTail(TestReporter reporter) throws IOException, InterruptedException {
        TestData.needs(EmulatedProcessor.isThere(), EmulatedProcessor.ABSENCE, "tenon.test.bochs");
        // Bochs 3.0 takes signed bytes of tiles for unsigned ones. Then bytes below 128, which are the same in both,
        // show all
        // but the sign; that depends on the opcode, which tests of the assembler compare with a disassembler's.
        boolean signs = knowsSigns();
        reporter.publishEntry("signed bytes", signs ? "emulated" : "not emulated: bytes are below 128");
        for (AmxProduct product : AmxProduct.values()) {
            String kind = product == AmxProduct.BF16 ? "bf16" : signs ? "i8" : "u7";
            for (int round = 0; round < ROUNDS; round++) {
                AmxCases.Emulated computer = new AmxCases.Emulated();
                List<TileEnds> ends = AmxCases.ends(product);
                for (int i = 0; i < CASES; i++) {
                    TileEnds own = ends.get(i % ends.size());
                    computer.add(product, source.random(product, own, source.size(), kind, false));
                }
                run(computer, product.name() + round);
            }
        }
    }

    private void run(AmxCases.Emulated computer, String name) throws IOException, InterruptedException {
        List<String> answers = computer.processor().run(Files.createDirectory(folder.resolve(name)));
        List<String> wrong = new ArrayList<>();
        int call = 0;
        for (int i = 0; i < computer.cases().size(); i++) {
            for (; call < computer.lastCalls().get(i); call++) {
                if (!answers.get(call).equals(".")) {
                    TileCase c = computer.cases().get(i).sizes();
                    wrong.add(
                            answers.get(call) + " of " + c.bytes(TileArgument.C) + ", rows of " + c.cRow() + ": " + c);
                }
            }
        }
        assertThat(wrong).as("%s, seed %d, %d calls", name, seed, call).isEmpty();
    }

    /** Whether -1 times -1 is 1. */
    private boolean knowsSigns() throws IOException, InterruptedException {
        TileMemory memory = new TileMemory(random, "i8", false);
        memory.fill(TileArgument.A, -1);
        memory.fill(TileArgument.B, -1);
        TileEnds ends = new IntegerEnds(IntegerEnds.Result.INT32);
        AmxCases.Emulated computer = new AmxCases.Emulated();
        TileCase sizes = TileCase.ofTileRegisters(random, AmxProduct.S8S8, ends, 16, 32, 16, 1);
        computer.add(AmxProduct.S8S8, new AmxCases.Case(memory, sizes, true));
        List<String> answers = computer.processor().run(Files.createDirectory(folder.resolve("signs")));
        assertThat(answers).hasSize(1);
        assertThat(answers.getFirst()).matches("\\.|wrong.*");
        return Collections.frequency(answers, ".") == 1;
    }
}
