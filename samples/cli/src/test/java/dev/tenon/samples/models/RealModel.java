package dev.tenon.samples.models;

import dev.tenon.tensor.DType;
import dev.tenon.tensor.Tensor;
import dev.tenon.testkit.Exhaustive;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/** A real model and the shapes of its inputs. */
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

    static final long SEED = 0x5EED;

    private final String file;
    private final List<long[]> sizes;

    RealModel(String file, List<long[]> sizes) {
        this.file = file;
        this.sizes = sizes;
    }

    abstract Map<String, Tensor> inputs(long[] size, SplittableRandom random);

    /** The shapes that a run tries: all of them in an exhaustive one, else the first three. */
    List<long[]> sizes() {
        return sizes.subList(0, Math.min(sizes.size(), Exhaustive.isOn() ? sizes.size() : 3));
    }

    /** Inputs of the first shape. */
    Map<String, Tensor> inputs() {
        return inputs(sizes.getFirst(), new SplittableRandom(SEED));
    }

    boolean quantized() {
        return this == MINILM_INT8 || this == MOBILENET_QDQ || this == MOBILENET_INTEGERS;
    }

    Path path() {
        return file.startsWith("vision/")
                ? Path.of(System.getProperty("tenon.shared", ""), "models", file + ".onnx")
                : folder().resolve(file + ".onnx");
    }

    static Path folder() {
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
