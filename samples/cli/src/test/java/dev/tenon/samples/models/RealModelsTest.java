package dev.tenon.samples.models;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.SessionOptions;
import dev.tenon.ValueInfo;
import dev.tenon.tensor.DType;
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
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Runs each real model in one session with several shapes, up to five. The first results must be near those of ONNX
 * Runtime, all later results must have the same bits, and no round after the second may take more native memory.
 */
@Tag("models")
@Tag("vector")
class RealModelsTest {
    /** Relative to the largest expected value. */
    private static final double TOLERANCE = 1e-5;

    /**
     * The largest difference between Tenon and ONNX Runtime, as a multiple of the difference that ONNX Runtime makes by
     * its own optimisation.
     */
    private static final double MAX_RATIO = 3;

    /** The least cosine between results of quantised models, in which last bits can change a rounded value. */
    private static final double MIN_QUANTIZED_COSINE = 0.98;

    private static final long SEED = 0x5EED;

    /** A model and the shapes of its inputs. */
    enum RealModel {
        MINILM("all-minilm-l6-v2", sizes(1, 16, 1, 128, 3, 7, 8, 32, 2, 64)) {
            @Override
            Map<String, Tensor> inputs(long[] size, SplittableRandom random) {
                return text(size, random);
            }
        },
        MINILM_INT8("all-minilm-l6-v2-q", sizes(1, 16, 1, 128, 3, 7, 8, 32, 2, 64)) {
            @Override
            Map<String, Tensor> inputs(long[] size, SplittableRandom random) {
                return text(size, random);
            }
        },
        OCR_DETECTION("ch_PP-OCRv4_det_infer", sizes(320, 320, 96, 160, 224, 352, 480, 320, 640, 640)) {
            @Override
            Map<String, Tensor> inputs(long[] size, SplittableRandom random) {
                return Map.of("x", floats(random, 1, 3, size[0], size[1]));
            }
        },
        OCR_RECOGNITION("ch_PP-OCRv4_rec_infer", sizes(1, 320, 1, 100, 2, 160, 1, 48, 3, 240)) {
            @Override
            Map<String, Tensor> inputs(long[] size, SplittableRandom random) {
                return Map.of("x", floats(random, size[0], 3, 48, size[1]));
            }
        },
        OCR_DIRECTION("ch_ppocr_mobile_v2.0_cls_infer", sizes(1, 192, 2, 192, 3, 192, 5, 192, 8, 192)) {
            @Override
            Map<String, Tensor> inputs(long[] size, SplittableRandom random) {
                return Map.of("x", floats(random, size[0], 3, 48, size[1]));
            }
        },
        VOICE("silero_vad_v5", sizes(1, 16000, 2, 16000, 3, 16000, 1, 8000, 5, 16000)) {
            @Override
            Map<String, Tensor> inputs(long[] size, SplittableRandom random) {
                long samples = 576 * size[1] / 16000;
                return Map.of(
                        "input", floats(random, size[0], samples),
                        "state", floats(random, 2, size[0], 128),
                        "sr", Tensor.scalar(size[1]));
            }
        },
        FACES("blazeface_back", sizes(256, 256)) {
            @Override
            Map<String, Tensor> inputs(long[] size, SplittableRandom random) {
                return Map.of("input:0", floats(random, 1, size[0], size[1], 3));
            }
        },
        MEL_SPECTROGRAM("melspectrogram", sizes(1, 1280, 1, 1760, 1, 16000, 1, 4321, 2, 2560)) {
            @Override
            Map<String, Tensor> inputs(long[] size, SplittableRandom random) {
                return Map.of("input", floats(random, size));
            }
        },
        SPEECH_EMBEDDING("embedding_model", sizes(1, 76, 2, 76, 3, 76, 5, 76, 8, 76)) {
            @Override
            Map<String, Tensor> inputs(long[] size, SplittableRandom random) {
                return Map.of("input_1", floats(random, size[0], size[1], 32, 1));
            }
        },
        MOBILENET("vision/mobilenet_v2/fp32", sizes(224, 224)) {
            @Override
            Map<String, Tensor> inputs(long[] size, SplittableRandom random) {
                return Map.of("input", floats(random, 1, size[0], size[1], 3));
            }
        },
        MOBILENET_QDQ("vision/mobilenet_v2/int8_qdq", sizes(224, 224)) {
            @Override
            Map<String, Tensor> inputs(long[] size, SplittableRandom random) {
                return Map.of("input", floats(random, 1, size[0], size[1], 3));
            }
        },
        MOBILENET_INTEGERS("vision/mobilenet_v2/int8_qop", sizes(224, 224)) {
            @Override
            Map<String, Tensor> inputs(long[] size, SplittableRandom random) {
                return Map.of("input", floats(random, 1, size[0], size[1], 3));
            }
        };

        private final String file;
        private final List<long[]> sizes;

        RealModel(String file, List<long[]> sizes) {
            this.file = file;
            this.sizes = sizes;
        }

        abstract Map<String, Tensor> inputs(long[] size, SplittableRandom random);

        private boolean quantized() {
            return this == MINILM_INT8 || this == MOBILENET_QDQ || this == MOBILENET_INTEGERS;
        }

        Path path() {
            return file.startsWith("vision/")
                    ? Path.of(System.getProperty("tenon.shared", ""), "models", file + ".onnx")
                    : folder().resolve(file + ".onnx");
        }

        private static Path folder() {
            return Path.of(System.getProperty("tenon.models", "target/models"));
        }

        private static List<long[]> sizes(long... pairs) {
            List<long[]> list = new ArrayList<>();
            for (int i = 0; i < pairs.length; i += 2) {
                list.add(new long[] {pairs[i], pairs[i + 1]});
            }
            return list;
        }

        private static Tensor floats(SplittableRandom random, long... dims) {
            Tensor t = Tensor.allocate(DType.FLOAT32, dims);
            for (long i = 0; i < t.size(); i++) {
                t.setDouble(i, random.nextDouble() * 2 - 1);
            }
            return t;
        }

        private static Map<String, Tensor> text(long[] size, SplittableRandom random) {
            int count = Math.toIntExact(size[0] * size[1]);
            long[] ids = random.longs(count, 1000, 20_000).toArray();
            long[] ones = LongStream.generate(() -> 1).limit(count).toArray();
            return Map.of(
                    "input_ids", Tensor.of(ids, size),
                    "attention_mask", Tensor.of(ones, size),
                    "token_type_ids", Tensor.allocate(DType.INT64, size));
        }
    }

    @ParameterizedTest
    @EnumSource
    void isRightAtEveryShapeEveryTimeAndDoesNotGrow(RealModel real, TestReporter reporter) throws Exception {
        if (!TestData.isFetched(real.path(), reporter)) {
            return;
        }
        // Only one thread: worker threads allocate their scratch memory when they first get work, in any round.
        Session session =
                Model.load(real.path()).session(SessionOptions.standard().threads(1));
        List<Map<String, Tensor>> inputs = new ArrayList<>();
        for (long[] size : real.sizes) {
            inputs.add(real.inputs(size, new SplittableRandom(SEED)));
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
                        assertThat(Difference.cosine(t, expected.get(info.name())))
                                .as("cosine, %s", what)
                                .isGreaterThanOrEqualTo(MIN_QUANTIZED_COSINE);
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

    @ParameterizedTest
    @EnumSource(
            names = {
                "MINILM",
                "MINILM_INT8",
                "OCR_RECOGNITION",
                "MOBILENET",
                "MOBILENET_QDQ",
                "MOBILENET_INTEGERS",
                "FACES",
                "VOICE"
            })
    void othersRunWhatIsOptimised(RealModel real, @TempDir Path folder, TestReporter reporter) throws Exception {
        if (!TestData.isFetched(real.path(), reporter)) {
            return;
        }
        Session session = Model.load(real.path()).session();
        Path optimised = folder.resolve("optimised.onnx");
        session.save(optimised);
        Map<String, Tensor> inputs = real.inputs(real.sizes.getFirst(), new SplittableRandom(SEED));
        Outputs expected = session.predict(inputs);
        try (OnnxRuntimeModel reference = new OnnxRuntimeModel(optimised, OptLevel.NO_OPT)) {
            Map<String, Tensor> found = reference.run(inputs);
            assertThat(found.keySet()).isEqualTo(expected.keySet());
            for (String name : found.keySet()) {
                if (real.quantized()) {
                    assertThat(Difference.cosine(found.get(name), expected.tensor(name)))
                            .as("cosine, %s, %s", real, name)
                            .isGreaterThanOrEqualTo(MIN_QUANTIZED_COSINE);
                } else {
                    assertThat(Difference.relativeToLargest(found.get(name), expected.tensor(name)))
                            .as("difference relative to the largest value, %s, %s", real, name)
                            .isLessThanOrEqualTo(TOLERANCE);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPackageRunsAsTheSessionThatSavedIt(RealModel real, @TempDir Path folder, TestReporter reporter) {
        if (!TestData.isFetched(real.path(), reporter)) {
            return;
        }
        Session session = Model.load(real.path()).session();
        Map<String, Tensor> inputs = real.inputs(real.sizes.getFirst(), new SplittableRandom(SEED));
        Outputs expected = session.predict(inputs);
        Path saved = folder.resolve("saved.tenon");
        session.save(saved);
        Outputs found = Model.load(saved).predict(inputs);
        assertThat(found.keySet()).isEqualTo(expected.keySet());
        for (String name : expected.keySet()) {
            assertThat(found.tensor(name).contentEquals(expected.tensor(name)))
                    .as("%s, %s", real, name)
                    .isTrue();
        }
    }

    @Test
    void filesAreTheOnesThatTheListNames(TestReporter reporter) throws Exception {
        Path list = Path.of(System.getProperty("tenon.root", "../.."), "benchmarks/models.tsv");
        int lines = 0;
        for (String line : Files.readAllLines(list)) {
            if (line.startsWith("#")) {
                continue;
            }
            String[] fields = line.split("\t");
            assertThat(fields).as(line).hasSize(6);
            assertThat(fields[1]).as(line).matches("maven:[^:]+:[^:]+:[^:]+|npm:.+@[^@]+");
            Path file = RealModel.folder().resolve(fields[0] + ".onnx");
            if (TestData.isFetched(file, reporter)) {
                assertThat(sha256(file)).as("SHA-256 of %s", file).isEqualTo(fields[3]);
            }
            lines++;
        }
        assertThat(lines).isPositive();
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
