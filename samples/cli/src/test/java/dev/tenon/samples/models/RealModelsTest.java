package dev.tenon.samples.models;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.ValueInfo;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.TestData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs each real model in one session with several shapes, up to five in an exhaustive run, else three. The first results must be near those of ONNX
 * Runtime, all later results must have the same bits, and no round after the second may take more native memory.
 */
@Tag("models")
@Tag("vector")
class RealModelsTest {
    /** Relative to the largest expected value. */
    static final double TOLERANCE = 1e-5;

    /**
     * The largest difference between Tenon and ONNX Runtime, as a multiple of the difference that ONNX Runtime makes by
     * its own optimisation.
     */
    private static final double MAX_RATIO = 3;

    /** The least cosine between results of quantised models, in which last bits can change a rounded value. */
    static final double MIN_QUANTIZED_COSINE = 0.98;

    /**
     * The least cosine for a peer whose own results are so far apart. Its optimised sums of bytes saturate on a processor without
     * dot products of bytes, those of the model as it is written do not.
     */
    private static double leastCosine(double ofPeer) {
        return Math.min(MIN_QUANTIZED_COSINE, 1 - MAX_RATIO * (1 - ofPeer));
    }

    @ParameterizedTest
    @EnumSource
    void isRightAtEveryShapeEveryTimeAndDoesNotGrow(RealModel real) throws Exception {
        TestData.fetched(real.path());
        // Only one thread: worker threads allocate their scratch memory when they first get work, in any round.
        Session session =
                Model.load(real.path()).session(SessionOptions.standard().threads(1));
        List<Map<String, Tensor>> inputs = new ArrayList<>();
        for (long[] size : real.sizes()) {
            inputs.add(real.inputs(size, new SplittableRandom(RealModel.SEED)));
        }
        SteadyRounds.check(real.toString(), session, inputs, firstRound(real, session, inputs));
    }

    private static List<Map<String, Datum>> firstRound(
            RealModel real, Session session, List<Map<String, Tensor>> inputs) throws Exception {
        List<Map<String, Datum>> results = new ArrayList<>();
        try (OnnxRuntimeModel reference = new OnnxRuntimeModel(real.path(), OptLevel.ALL_OPT);
                OnnxRuntimeModel unoptimized = new OnnxRuntimeModel(real.path(), OptLevel.NO_OPT)) {
            for (Map<String, Tensor> input : inputs) {
                Outputs outputs = session.predict(input);
                Map<String, Tensor> expected = reference.run(input);
                Map<String, Tensor> again = unoptimized.run(input);
                Map<String, Datum> found = new LinkedHashMap<>();
                for (ValueInfo info : session.model().outputs()) {
                    Tensor t = outputs.tensor(info.name());
                    String what = real + ", " + info.name() + " " + t.type();
                    if (real.quantized()) {
                        double ofPeer = Difference.cosine(again.get(info.name()), expected.get(info.name()));
                        assertThat(Difference.cosine(t, again.get(info.name())))
                                .as("cosine, %s; of ONNX Runtime with itself %s", what, ofPeer)
                                .isGreaterThanOrEqualTo(leastCosine(ofPeer));
                    } else {
                        double spread = Difference.relativeToLargest(again.get(info.name()), expected.get(info.name()));
                        assertThat(Difference.relativeToLargest(t, expected.get(info.name())))
                                .as(
                                        "difference relative to the largest value, %s; of ONNX Runtime from itself %s",
                                        what, spread)
                                .isLessThanOrEqualTo(Math.max(TOLERANCE, MAX_RATIO * spread));
                    }
                    found.put(info.name(), t);
                }
                results.add(found);
            }
        }
        return results;
    }

    @Test
    void filesAreTheOnesThatTheListNames() throws Exception {
        Path list = Path.of(System.getProperty("tenon.root", "../.."), "benchmarks/models.tsv");
        int lines = 0;
        List<Path> absent = new ArrayList<>();
        for (String line : Files.readAllLines(list)) {
            if (line.startsWith("#")) {
                continue;
            }
            String[] fields = line.split("\t");
            assertThat(fields).as(line).hasSize(6);
            assertThat(fields[1]).as(line).matches("maven:[^:]+:[^:]+:[^:]+|npm:.+@[^@]+");
            Path file = RealModel.folder().resolve(fields[0] + ".onnx");
            if (Files.isRegularFile(file)) {
                assertThat(sha256(file)).as("SHA-256 of %s", file).isEqualTo(fields[3]);
            } else {
                absent.add(file);
            }
            lines++;
        }
        assertThat(lines).isPositive();
        absent.forEach(TestData::fetched);
    }

    /** The build checks the files that it unpacks. The checksums in both places must be equal. */
    @Test
    void theBuildUnpacksTheFilesThatTheListNames() throws IOException {
        Path root = Path.of(System.getProperty("tenon.root", "../.."));
        String build = Files.readString(root.resolve("pom.xml"));
        String version = find(build, "<minilm.version>([^<]+)</minilm.version>");
        int unpacked = 0;
        for (String line : Files.readAllLines(root.resolve("benchmarks/models.tsv"))) {
            String[] fields = line.split("\t");
            if (!line.startsWith("#") && fields[1].startsWith("maven:dev.langchain4j:")) {
                assertThat(fields[1]).endsWith(":" + version);
                String file =
                        "<file>\\$\\{tenon.models}/" + Pattern.quote(fields[2]) + "</file>\\s*<type>sha256</type>\\s*";
                assertThat(find(build, file + "<checksum>([^<]+)</checksum>"))
                        .as(line)
                        .isEqualTo(fields[3]);
                unpacked++;
            }
        }
        assertThat(unpacked).isEqualTo(2);
    }

    private static String find(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }

    private static String sha256(Path file) throws IOException, NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }
}
