package dev.tenon.benchmarks;

import dev.tenon.Precision;
import dev.tenon.benchmarks.cases.MiniLmCase;
import dev.tenon.benchmarks.networks.GeneratedNetworks;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The command line of {@code benchmarks/run compare}: models, shapes and numbers of threads. */
final class ModelArguments {
    /** A model of the list of the project. */
    private record Listed(String name, Place place, String file, String shapes) {
        private Path path() {
            return place.folder().resolve(file);
        }

        /** Whether its file is there, or is generated before it is measured. */
        private boolean isThere() {
            return Files.isRegularFile(path()) || GeneratedNetworks.has(path());
        }
    }

    /** The places of models. */
    private enum Place {
        FETCHED {
            @Override
            Path folder() {
                return MiniLmCase.folder();
            }
        },
        SHARED {
            @Override
            Path folder() {
                String shared = System.getProperty("tenon.shared", "");
                return shared.isEmpty()
                        ? Path.of(System.getProperty("tenon.root", ".")).resolveSibling("shared")
                        : Path.of(shared);
            }
        };

        abstract Path folder();
    }

    /** The parameter that names the file of a model. */
    static final String FILE = "file";

    private static final String ALL = "all";

    /** Stands for the quantised models of the list. */
    private static final String QUANTISED = "int8";

    private static final String MINILM = "input_ids=%1$s attention_mask=%1$s token_type_ids=%1$s";

    private static final List<Listed> LIST = List.of(
            fetched("all-minilm-l6-v2", MINILM.formatted("1x128")),
            fetched("all-minilm-l6-v2", MINILM.formatted("1x16")),
            fetched("all-minilm-l6-v2", MINILM.formatted("8x128")),
            fetched("ch_PP-OCRv4_det_infer", "x=1x3x640x640"),
            fetched("ch_PP-OCRv4_rec_infer", "x=1x3x48x320"),
            fetched("ch_ppocr_mobile_v2.0_cls_infer", "x=1x3x48x192"),
            new Listed("mobilenet_v2", Place.SHARED, "models/vision/mobilenet_v2/fp32.onnx", "input=1x224x224x3"),
            fetched("blazeface_back", ""),
            light("resnet50"),
            light("squeezenet"),
            light("densenet121"),
            light("inception_v2"),
            generated(GeneratedNetworks.BERT_BASE, MINILM.formatted("1x128")),
            generated(GeneratedNetworks.BERT_BASE, MINILM.formatted("8x128")),
            generated(GeneratedNetworks.VIT_B16, ""),
            generated(GeneratedNetworks.WHISPER_BASE_ENCODER, ""),
            generated(GeneratedNetworks.RESNET50, ""),
            generated(GeneratedNetworks.EFFICIENTNET_B0, ""),
            generated(GeneratedNetworks.YOLOV8N_LIKE, ""),
            generated(GeneratedNetworks.UNET32, ""),
            fetched("silero_vad_v5", "input=1x576 state=2x1x128 sr="),
            trained("digits_mlp", "1x1x8x8"),
            trained("digits_mlp", "64x1x8x8"),
            trained("digits_vit", "1x1x8x8"),
            trained("digits_vit", "64x1x8x8"),
            trained("digits_mobile", "1x1x8x8"),
            trained("digits_mobile", "64x1x8x8"),
            trained("mnist_cnn", "1x1x28x28"),
            trained("mnist_cnn", "64x1x28x28"));

    /**
     * Additional cases, which no mean includes: a chunk of 80 ms of speech with its overlap, and a window of 0.76 s.
     */
    private static final List<Listed> ADDITIONAL =
            List.of(fetched("melspectrogram", "input=1x1760"), fetched("embedding_model", "input_1=1x76x32x1"));

    /** Quantised models, which have a mean of their own. */
    private static final List<Listed> INT8 = List.of(
            fetched("all-minilm-l6-v2-q", MINILM.formatted("1x16")),
            fetched("all-minilm-l6-v2-q", MINILM.formatted("1x128")),
            fetched("all-minilm-l6-v2-q", MINILM.formatted("8x128")),
            new Listed(
                    "mobilenet_v2_qdq", Place.SHARED, "models/vision/mobilenet_v2/int8_qdq.onnx", "input=1x224x224x3"),
            new Listed(
                    "mobilenet_v2_qoperator",
                    Place.SHARED,
                    "models/vision/mobilenet_v2/int8_qop.onnx",
                    "input=1x224x224x3"));

    private ModelArguments() {}

    private static Listed fetched(String name, String shapes) {
        return new Listed(name, Place.FETCHED, name + ".onnx", shapes);
    }

    private static Listed generated(GeneratedNetworks network, String shapes) {
        return fetched(network.title(), shapes);
    }

    private static List<Listed> known() {
        return Stream.concat(LIST.stream(), ADDITIONAL.stream()).toList();
    }

    /** The models of all lists. */
    private static List<Listed> every() {
        return Stream.concat(known().stream(), INT8.stream()).toList();
    }

    private static Listed light(String name) {
        return new Listed(
                "light_" + name, Place.SHARED, "conformance/dev/light-seeded/seeded_" + name + "/model.onnx", "");
    }

    /** A model with one input of any name, which has this shape. */
    private static Listed trained(String name, String shape) {
        return new Listed(name, Place.SHARED, "models/trained/" + name + "/model.onnx", "*=" + shape);
    }

    /**
     * Parses a command line.
     *
     * @param log receives the names of models of the list that are missing
     * @param arguments {@code compare}, models, options
     * @return the options, with a case for each model and number of threads
     * @throws UsageException if the arguments are wrong
     */
    static CompareOptions parse(PrintStream log, String... arguments) throws UsageException {
        List<String> names = new ArrayList<>();
        List<String> shapes = new ArrayList<>();
        List<String> threads = List.of("1");
        List<String> precisions = List.of(Precision.FP32.name());
        List<String> rest = new ArrayList<>();
        boolean quick = false;
        Path json = null;
        Path svg = null;
        for (int i = 1; i < arguments.length; i++) {
            switch (arguments[i]) {
                case "--quick" -> quick = true;
                case "--json" -> json = Path.of(CompareOptions.next(arguments, i++));
                case "--svg" -> svg = Path.of(CompareOptions.next(arguments, i++));
                case "--shape" -> shapes.add(CompareOptions.next(arguments, i++));
                case "--threads" -> threads = threads(CompareOptions.next(arguments, i++));
                case "--precision" -> precisions = precisions(CompareOptions.next(arguments, i++));
                default -> {
                    if (arguments[i].startsWith("-")) {
                        rest.add(arguments[i]);
                        rest.add(CompareOptions.next(arguments, i++));
                    } else {
                        names.add(arguments[i]);
                    }
                }
            }
        }
        if (names.isEmpty()) {
            throw new UsageException("compare: name a model, or 'all', or 'int8'");
        }
        List<Map<String, String>> cases = new ArrayList<>();
        List<Map<String, String>> additional = new ArrayList<>();
        for (String name : names) {
            for (Listed model : models(name, String.join(" ", shapes), log)) {
                for (String n : threads) {
                    for (String precision : precisions) {
                        (ADDITIONAL.contains(model) && name.equals(ALL) ? additional : cases)
                                .add(parameters(model, n, precision));
                    }
                }
            }
        }
        if (cases.isEmpty() && additional.isEmpty()) {
            throw new UsageException("compare: all models are missing; run benchmarks/fetch-models");
        }
        return new CompareOptions(Suite.MODELS, quick, json, svg, cases, additional, CompareOptions.jmh(rest))
                .checked();
    }

    private static List<String> threads(String text) throws UsageException {
        if (!text.matches("[1-9]\\d{0,2}(,[1-9]\\d{0,2})*")) {
            throw new UsageException(
                    "--threads " + text + " is not a list of numbers from 1 to 999, separated by commas");
        }
        return List.of(text.split(","));
    }

    private static List<String> precisions(String text) throws UsageException {
        List<String> all = List.of(text.split(","));
        List<String> known =
                Arrays.stream(Precision.values()).map(Precision::name).toList();
        if (!known.containsAll(all)) {
            throw new UsageException(
                    "--precision " + text + " is not a list of " + String.join(", ", known) + ", separated by commas");
        }
        return all;
    }

    private static List<Listed> models(String name, String shapes, PrintStream log) throws UsageException {
        if (name.equals(ALL) || name.equals(QUANTISED)) {
            if (!shapes.isEmpty()) {
                throw new UsageException("--shape " + shapes + " cannot be used with '" + name
                        + "', whose models have their own shapes");
            }
            List<Listed> there = new ArrayList<>();
            for (Listed model : name.equals(ALL) ? known() : INT8) {
                if (model.isThere()) {
                    there.add(model);
                } else {
                    log.println("left out: there is no " + model.path());
                }
            }
            return there;
        }
        String usual = every().stream()
                .filter(l -> l.name().equals(name))
                .map(Listed::shapes)
                .findFirst()
                .orElse("");
        Listed fetched = fetched(name, shapes.isEmpty() ? usual : shapes);
        if (!Files.isRegularFile(Path.of(name)) && fetched.isThere()) {
            return List.of(fetched);
        }
        if (!Files.isRegularFile(Path.of(name))) {
            throw new UsageException("there is no model '" + name + "', neither a file nor in " + Place.FETCHED.folder()
                    + "; benchmarks/fetch-models fetches those of benchmarks/models.tsv");
        }
        Path file = Path.of(name).toAbsolutePath().normalize();
        String title = String.valueOf(file.getFileName());
        if (title.equals("model.onnx") && file.getParent() != null) {
            title = String.valueOf(file.getParent().getFileName());
        }
        return List.of(new Listed(title.replaceFirst("\\.onnx$", ""), Place.SHARED, file.toString(), shapes));
    }

    private static Map<String, String> parameters(Listed model, String threads, String precision) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("model", model.name());
        parameters.put(FILE, model.path().toAbsolutePath().toString());
        parameters.put("shapes", model.shapes());
        parameters.put("threads", threads);
        parameters.put("precision", precision);
        return parameters;
    }
}
