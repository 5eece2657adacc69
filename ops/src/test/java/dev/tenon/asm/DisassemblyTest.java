package dev.tenon.asm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.testkit.Exhaustive;
import dev.tenon.testkit.TestData;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random instructions, all in one file, as GNU objdump reads them. */
class DisassemblyTest {
    private static final int COUNT = Exhaustive.isOn() ? 2_000_000 : 100_000;

    /** A place and an instruction. */
    private static final Pattern LINE = Pattern.compile("\\s*([0-9a-f]+):\\s+(.*)");

    private static final Pattern OLD_BROADCAST = Pattern.compile("DWORD PTR (\\[[^]]*])\\{1to\\d+}");
    private static final Pattern SPACE = Pattern.compile("\\s+");

    private static final List<String> JUMPS = List.of(
            "je", "jne", "jl", "jge", "jle", "jg", "jmp", "ret", "cpuid", "xgetbv", "vzeroupper", "tilerelease");

    private final List<Integer> places = new ArrayList<>();
    private final List<String> expected = new ArrayList<>();

    @TempDir
    private Path folder;

    @Test
    void instructionsAreWhatADisassemblerReads() throws IOException, InterruptedException {
        String absence = absence();
        TestData.needs(absence == null, absence, "tenon.ci");
        long seed = System.nanoTime();
        Path code = folder.resolve("code");
        Files.write(code, write(new Random(seed)));
        Process objdump = new ProcessBuilder(
                        "objdump",
                        "-D",
                        "-z",
                        "-b",
                        "binary",
                        "-m",
                        "i386:x86-64",
                        "-M",
                        "intel",
                        "--no-show-raw-insn",
                        code.toString())
                .redirectErrorStream(true)
                .start();
        int at = 0;
        try (BufferedReader lines = objdump.inputReader()) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                Matcher m = LINE.matcher(line);
                if (m.matches()) {
                    assertThat(at).as("instructions").isLessThan(expected.size());
                    String wanted = Integer.toHexString(places.get(at)) + ": " + expected.get(at);
                    String found = m.group(1) + ": " + normal(m.group(2));
                    assertThat(found).as("instruction %d of seed %d", at, seed).isEqualTo(wanted);
                    at++;
                }
            }
        }
        assertThat(objdump.waitFor()).isZero();
        assertThat(at).isEqualTo(COUNT);
    }

    /** The objdump of another machine may read its own instructions alone. */
    private static String absence() throws IOException, InterruptedException {
        boolean there = Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(entry -> Files.isExecutable(Path.of(entry, "objdump")));
        if (!there) {
            return "no objdump on the path: apt-get install binutils";
        }
        Process machines =
                new ProcessBuilder("objdump", "-i").redirectErrorStream(true).start();
        String known = new String(machines.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        boolean reads = machines.waitFor() == 0
                && known.lines().anyMatch(line -> line.strip().equals("i386"));
        return reads ? null : "the objdump on the path does not read x86-64: apt-get install binutils-x86-64-linux-gnu";
    }

    private static String normal(String text) {
        String spaced = SPACE.matcher(text.strip()).replaceAll(" ");
        return OLD_BROADCAST.matcher(spaced).replaceAll("DWORD BCST $1");
    }

    private byte[] write(Random random) {
        X64Assembler a = new X64Assembler(EnumSet.allOf(InstructionSet.class));
        RandomInstruction vectors = new RandomInstruction(random, a);
        VectorInstruction[] all = VectorInstruction.values();
        for (int i = 0; i < COUNT; i++) {
            places.add(a.size());
            int which = i % (all.length + all.length / 4);
            expected.add(which < all.length ? vectors.write(all[which]) : integer(random, a, vectors));
        }
        return a.toBytes();
    }

    /** An instruction on integers, a jump, or one without operands. */
    private static String integer(Random random, X64Assembler a, RandomInstruction operands) {
        Gpr to = operands.anyGpr();
        Gpr from = operands.anyGpr();
        Address address = operands.address();
        int value = random.nextBoolean() ? random.nextInt(300) - 150 : random.nextInt();
        int bits = value & 63;
        long wide = random.nextLong() | 1L << 40 | 1L << 62;
        String to64 = " " + RandomInstruction.text64(to);
        String from64 = "," + RandomInstruction.text64(from);
        String from32 = "," + RandomInstruction.text32(from);
        String memory = " PTR " + RandomInstruction.addressText(address);
        String load = to64 + ",QWORD" + memory;
        String number = to64 + ",0x" + Long.toHexString(value);
        String shift = to64 + ",0x" + Integer.toHexString(bits);
        List<Map.Entry<String, Runnable>> all = List.of(
                Map.entry("mov" + to64 + from64, () -> a.mov(to, from)),
                Map.entry("mov" + load, () -> a.mov(to, address)),
                Map.entry("mov " + RandomInstruction.text32(to) + ",DWORD" + memory, () -> a.mov32(to, address)),
                Map.entry("mov QWORD" + memory + from64, () -> a.store(address, from)),
                Map.entry("mov DWORD" + memory + from32, () -> a.store32(address, from)),
                Map.entry("mov" + number, () -> a.mov(to, (long) value)),
                Map.entry("movabs" + to64 + ",0x" + Long.toHexString(wide), () -> a.mov(to, wide)),
                Map.entry("lea" + to64 + "," + memory.substring(5), () -> a.lea(to, address)),
                Map.entry("add" + to64 + from64, () -> a.add(to, from)),
                Map.entry("add" + load, () -> a.add(to, address)),
                Map.entry("add" + number, () -> a.add(to, value)),
                Map.entry("sub" + to64 + from64, () -> a.sub(to, from)),
                Map.entry("sub" + load, () -> a.sub(to, address)),
                Map.entry("sub" + number, () -> a.sub(to, value)),
                Map.entry("and" + number, () -> a.and(to, value)),
                Map.entry("imul" + to64 + from64, () -> a.imul(to, from)),
                Map.entry("imul" + load, () -> a.imul(to, address)),
                Map.entry("cmp" + number, () -> a.cmp(to, value)),
                Map.entry("cmp" + to64 + from64, () -> a.cmp(to, from)),
                Map.entry("cmp" + load, () -> a.cmp(to, address)),
                Map.entry("adc" + number, () -> a.adc(to, value)),
                Map.entry(
                        "movzx " + RandomInstruction.text32(to) + ",WORD" + memory,
                        () -> a.emit(ScalarInstruction.MOVZX_WORD, to, address)),
                Map.entry(
                        "movzx " + RandomInstruction.text32(to) + ",BYTE" + memory,
                        () -> a.emit(ScalarInstruction.MOVZX_BYTE, to, address)),
                Map.entry("movsx" + to64 + ",WORD" + memory, () -> a.emit(ScalarInstruction.MOVSX_WORD, to, address)),
                Map.entry("movsxd" + to64 + ",DWORD" + memory, () -> a.emit(ScalarInstruction.MOVSX_INT, to, address)),
                Map.entry("cmp DWORD" + memory + from32, () -> a.emit(ScalarInstruction.CMP_MEMORY_32, from, address)),
                Map.entry("cmp QWORD" + memory + from64, () -> a.emit(ScalarInstruction.CMP_MEMORY, from, address)),
                Map.entry(
                        "or " + RandomInstruction.text32(to) + from32, () -> a.emit(ScalarInstruction.OR_32, to, from)),
                Map.entry(
                        "xor " + RandomInstruction.text32(to) + from32,
                        () -> a.emit(ScalarInstruction.XOR_32, to, from)),
                Map.entry("test" + to64 + "," + to64.strip(), () -> a.test(to)),
                Map.entry("shl" + shift, () -> a.shl(to, bits)),
                Map.entry("shr" + shift, () -> a.shr(to, bits)),
                Map.entry("prefetcht0 BYTE" + memory, () -> a.prefetch(address)));
        int which = random.nextInt(all.size() + 8);
        if (which >= all.size()) {
            return jump(random, a);
        }
        all.get(which).getValue().run();
        return all.get(which).getKey();
    }

    /** A jump over itself or onto itself, or an instruction without operands. */
    private static String jump(Random random, X64Assembler a) {
        Condition[] conditions = Condition.values();
        int which = random.nextInt(conditions.length + 6);
        Label label = new Label();
        int start = a.size();
        boolean forward = random.nextBoolean();
        if (!forward) {
            a.bind(label);
        }
        if (which < conditions.length) {
            a.jump(conditions[which], label);
        } else {
            List<Runnable> others =
                    List.of(() -> a.jmp(label), a::ret, a::cpuid, a::xgetbv, a::vzeroupper, a::tilerelease);
            others.get(which - conditions.length).run();
        }
        int end = a.size();
        if (forward) {
            a.bind(label);
        }
        String target = which <= conditions.length ? " 0x" + Integer.toHexString(forward ? end : start) : "";
        return JUMPS.get(which) + target;
    }
}
