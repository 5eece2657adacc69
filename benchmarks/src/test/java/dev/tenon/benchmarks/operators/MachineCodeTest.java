package dev.tenon.benchmarks.operators;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tenon.graph.Graph;
import dev.tenon.kernel.table.CoreKernels;
import dev.tenon.kernel.table.Tiers;
import dev.tenon.kernel.x64.KernelCode;
import dev.tenon.plan.Planner;
import dev.tenon.plan.Program;
import dev.tenon.plan.ShapeKey;
import dev.tenon.tensor.Datum;
import dev.tenon.testkit.Profile;
import dev.tenon.testkit.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * The functions in machine code of all profiles of processors, on the operators of {@link KernelOperators}: their names and
 * digests of their bytes. Code is made for any processor on any x86-64 with Linux, and no such code is run here. A resource holds
 * the expected digests. {@code -Dtenon.code.update=true} writes new ones; review the difference together with the change that
 * caused it.
 */
class MachineCodeTest {
    private static final Path FILE = Path.of(
            System.getProperty("tenon.root", ".."),
            "benchmarks/src/test/resources/dev/tenon/benchmarks/operators/machine-code.txt");

    @Test
    void isAsItWas() throws IOException {
        TestData.needs(
                Tiers.detect().capabilities().hasMachineCode(),
                "code is published on Linux for x86-64 with AVX2 only",
                "tenon.test.every.processor");
        Map<Profile, Map<String, String>> byProfile = functions();
        Map<String, String> functions = new TreeMap<>();
        byProfile.forEach((profile, own) ->
                own.forEach((name, digest) -> assertThat(functions.merge(name, digest, (first, again) -> first))
                        .as("%s, which another profile has too, for %s", name, profile)
                        .isEqualTo(digest)));
        StringBuilder text = new StringBuilder();
        byProfile.forEach((profile, own) ->
                text.append(profile).append(' ').append(own.size()).append('\n'));
        functions.forEach(
                (name, digest) -> text.append(name).append(' ').append(digest).append('\n'));
        if (Boolean.getBoolean("tenon.code.update")) {
            Files.writeString(FILE, text);
        }
        assertThat(text.toString().lines().toList())
                .as("functions; if they are as they should be, -Dtenon.code.update=true keeps them")
                .isEqualTo(Files.readAllLines(FILE));
    }

    /** The digests of each profile's functions by name. An operator is read once, since its random operands take longer than code. */
    private static Map<Profile, Map<String, String>> functions() {
        Map<Profile, Map<String, String>> functions = new TreeMap<>();
        try {
            for (String operator : operators()) {
                OperatorCase spelled = OperatorCase.of(operator);
                Graph graph = KernelCase.rewritten(operator, spelled);
                ShapeKey shapes = ShapeKey.of(graph.inputs().stream()
                        .map(input -> spelled.inputs().get(input.name()))
                        .toArray(Datum[]::new));
                for (Profile profile : Profile.withMachineCode()) {
                    Map<String, String> own = functions.computeIfAbsent(profile, absent -> new TreeMap<>());
                    KernelCode.watch((name, code) -> own.put(name, digest(code)));
                    Planner.plan(new Program(graph, CoreKernels.set(), profile.capabilities()), shapes, Long.MAX_VALUE);
                }
            }
        } finally {
            KernelCode.watch(null);
        }
        return functions;
    }

    /** The operators of the lines of kernels in machine code. */
    private static Set<String> operators() {
        Set<String> names = new LinkedHashSet<>();
        for (KernelOperators.Line line : KernelOperators.lines()) {
            if (line.kernel().endsWith("_x64") || line.kernel().endsWith("_amx")) {
                names.add(line.operator());
            }
        }
        return names;
    }

    private static String digest(byte[] code) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(code);
            return HexFormat.of().formatHex(hash, 0, 8) + " " + code.length;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
