package dev.tenon.benchmarks;

import dev.tenon.NumericsMode;
import dev.tenon.Precision;
import dev.tenon.benchmarks.cases.Invocation;
import dev.tenon.benchmarks.cases.Kind;
import dev.tenon.benchmarks.cases.MiniLmCase;
import dev.tenon.benchmarks.cases.Terms;
import dev.tenon.benchmarks.forks.HugePages;
import dev.tenon.benchmarks.networks.GeneratedNetworks;
import dev.tenon.samples.Usage;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
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

    private static final String THREADS = "threads";

    /** The models of {@link Suite#OVERSUBSCRIPTION}: a transformer, convolutions, and many short steps. */
    private static final List<String> SHARING = List.of("all-minilm-l6-v2", "ch_PP-OCRv4_rec_infer", "blazeface_back");

    /** As many threads as there are processors, and those of {@link Suite#OVERSUBSCRIPTION}. */
    private static final List<String> OVERSUBSCRIBED = IntStream.concat(
                    IntStream.of(Runtime.getRuntime().availableProcessors()), IntStream.of(2, 4, 8, 16))
            .distinct()
            .sorted()
            .mapToObj(Integer::toString)
            .toList();

    private static final String MINILM = "input_ids=%1$s attention_mask=%1$s token_type_ids=%1$s";

    /**
     * Real networks, or networks of the same shapes. The inputs of the two models for wake words are a chunk of 80 ms of speech
     * with its overlap, and a window of 0.76 s.
     */
    private static final List<Listed> REAL = List.of(
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
            generated(GeneratedNetworks.UNET16_512, ""),
            generated(GeneratedNetworks.UNET8_1024, ""),
            generated(GeneratedNetworks.MOBILENET_V2, ""),
            fetched("silero_vad_v5", "input=1x576 state=2x1x128 sr="),
            fetched("melspectrogram", "input=1x1760"),
            fetched("embedding_model", "input_1=1x76x32x1"));

    /** Small models, which have a mean of their own. */
    private static final List<Listed> SMALL = List.of(
            trained("digits_mlp", "1x1x8x8"),
            trained("digits_mlp", "64x1x8x8"),
            trained("digits_vit", "1x1x8x8"),
            trained("digits_vit", "64x1x8x8"),
            trained("digits_mobile", "1x1x8x8"),
            trained("digits_mobile", "64x1x8x8"),
            trained("mnist_cnn", "1x1x28x28"),
            trained("mnist_cnn", "64x1x28x28"));

    /** Quantised models. */
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
                    "input=1x224x224x3"),
            generated(GeneratedNetworks.RESNET50_DYNAMIC, ""),
            generated(GeneratedNetworks.UNET32_DYNAMIC, ""),
            generated(GeneratedNetworks.UNET16_512_DYNAMIC, ""),
            generated(GeneratedNetworks.UNET8_1024_DYNAMIC, ""),
            generated(GeneratedNetworks.MOBILENET_V2_DYNAMIC, ""),
            quantizedByPeer(GeneratedNetworks.RESNET50),
            quantizedByPeer(GeneratedNetworks.UNET32),
            quantizedByPeer(GeneratedNetworks.UNET16_512),
            quantizedByPeer(GeneratedNetworks.UNET8_1024),
            quantizedByPeer(GeneratedNetworks.MOBILENET_V2));

    private ModelArguments() {}

    private static Listed fetched(String name, String shapes) {
        return new Listed(name, Place.FETCHED, name + ".onnx", shapes);
    }

    private static Listed generated(GeneratedNetworks network, String shapes) {
        return fetched(network.title(), shapes);
    }

    /** A network that benchmarks/quantise-networks writes. */
    private static Listed quantizedByPeer(GeneratedNetworks network) {
        return fetched(network.title() + "-peer-dynamic", "");
    }

    private static List<Listed> known() {
        return Stream.concat(REAL.stream(), SMALL.stream()).toList();
    }

    /** The models of all lists. */
    private static List<Listed> every() {
        return Stream.concat(known().stream(), INT8.stream()).toList();
    }

    private static Kind kind(Listed model) {
        return named(SMALL, model.name()) ? Kind.SMALL : named(every(), model.name()) ? Kind.REAL : Kind.OTHER;
    }

    private static boolean named(List<Listed> models, String name) {
        return models.stream().anyMatch(l -> l.name().equals(name));
    }

    private static Listed light(String name) {
        return new Listed(
                "light_" + name, Place.SHARED, "conformance/dev/light-seeded/seeded_" + name + "/model.onnx", "");
    }

    /** A model with one input of any name, which has this shape. */
    private static Listed trained(String name, String shape) {
        return new Listed(name, Place.SHARED, "models/trained/" + name + "/model.onnx", "*=" + shape);
    }

    /** The options that become parameters of cases, with the values that each case has. */
    private static final class Choices {
        private final Map<String, List<String>> values = new LinkedHashMap<>();

        private Choices(boolean oversubscribed) {
            values.put(THREADS, oversubscribed ? OVERSUBSCRIBED : List.of("1"));
            values.put(Terms.PRECISION, List.of(Terms.STANDARD.precision().name()));
            values.put(Terms.NUMERICS, List.of(Terms.STANDARD.numerics().name()));
            values.put(Terms.CALL, List.of(Terms.STANDARD.call().name()));
            values.put(Terms.HUGE_PAGES, List.of("false"));
        }

        /** Whether this is such an option with a value. */
        private static boolean has(String option) {
            return List.of("--threads", "--precision", "--numerics", "--call").contains(option);
        }

        private void set(String option, String text) throws UsageException {
            switch (option) {
                case "--threads" -> values.put(THREADS, numbers(text));
                case "--precision" -> values.put(Terms.PRECISION, constants(option, text, Precision.values()));
                case "--numerics" -> values.put(Terms.NUMERICS, constants(option, text, NumericsMode.values()));
                default ->
                    values.put(Terms.CALL, constants(option, text.toUpperCase(Locale.ROOT), Invocation.values()));
            }
        }

        private void hugePages() throws UsageException {
            if (HugePages.refusal() != null) {
                throw new UsageException("--huge-pages: " + HugePages.refusal());
            }
            values.put(Terms.HUGE_PAGES, List.of("true"));
        }

        private void check() throws UsageException {
            if (values.get(Terms.NUMERICS).contains(NumericsMode.STRICT.name())
                    && !values.get(Terms.PRECISION).equals(List.of(Precision.FP32.name()))) {
                throw new UsageException("--numerics STRICT with --precision "
                        + String.join(",", values.get(Terms.PRECISION)) + ": strict numerics need FP32 alone");
            }
        }

        /** The parameters of all cases of a model. The last option varies fastest. */
        private List<Map<String, String>> of(Listed model) {
            Map<String, String> first = new LinkedHashMap<>();
            first.put("model", model.name());
            first.put(FILE, model.path().toAbsolutePath().toString());
            first.put("shapes", model.shapes());
            first.put(Kind.PARAMETER, kind(model).name());
            List<Map<String, String>> all = List.of(first);
            for (Map.Entry<String, List<String>> option : values.entrySet()) {
                all = all.stream()
                        .flatMap(head -> option.getValue().stream().map(value -> {
                            Map<String, String> longer = new LinkedHashMap<>(head);
                            longer.put(option.getKey(), value);
                            return longer;
                        }))
                        .toList();
            }
            return all;
        }
    }

    /**
     * The usage of a suite of models.
     *
     * @param name the name of the suite
     * @return its usage
     */
    static Usage usage(String name) {
        boolean oversubscribed = name.equals(Suite.OVERSUBSCRIPTION.name());
        String model = oversubscribed ? "[MODEL...]" : "MODEL...";
        Usage usage = Usage.of(
                        "benchmarks/run " + name,
                        oversubscribed
                                ? "Models with more threads than processors: 2, 4, 8 and 16."
                                : "Models beside other engines: forks of the engines run in turn, and a table is printed.")
                .spaced()
                .arguments(
                        model,
                        "a file, a name of benchmarks/models.tsv or of a list of the project, 'all' for the list of"
                                + " float32 models, or 'int8' for that of quantised ones")
                .repeated("--shape", "INPUT=1x128", "the shape of an input whose dimensions the model leaves open")
                .option("--threads", "N,...", "the threads of a call")
                .option(
                        "--precision",
                        "P,...",
                        "FP32, BF16 or INT8_DYNAMIC: the numbers of products of a float32 model")
                .option(
                        "--numerics",
                        "N,...",
                        "STANDARD or STRICT: how closely Tenon follows the operators of the model")
                .option("--call", "C,...", "map or prepared: whether Tenon chooses the outputs of a call")
                .flag("lets glibc ask for large pages in the JVMs of peers, as Tenon does in its own", "--huge-pages")
                .option("-p", "engine=E,...", "the engines, of " + String.join(", ", Suite.MODELS.engines()));
        return CompareOptions.ofForks(usage)
                .example(
                        "benchmarks/run " + name + " all --threads 1,2",
                        "benchmarks/run " + name + " model.onnx --shape x=1x128 --quick --json figures.json");
    }

    /**
     * Parses a command line.
     *
     * @param log receives the names of models of the list that are missing
     * @param arguments the name of a suite of models, models, options
     * @return the options, with a case for each model, number of threads, and terms
     * @throws UsageException if the arguments are wrong
     */
    static CompareOptions parse(PrintStream log, String... arguments) throws UsageException {
        boolean oversubscribed = arguments[0].equals(Suite.OVERSUBSCRIPTION.name());
        List<String> names = new ArrayList<>();
        List<String> shapes = new ArrayList<>();
        Choices choices = new Choices(oversubscribed);
        List<String> rest = new ArrayList<>();
        boolean quick = false;
        Path json = null;
        Path svg = null;
        for (int i = 1; i < arguments.length; i++) {
            String argument = arguments[i];
            switch (argument) {
                case "--quick" -> quick = true;
                case "--json" -> json = Path.of(CompareOptions.next(arguments, i++));
                case "--svg" -> svg = Path.of(CompareOptions.next(arguments, i++));
                case "--shape" -> shapes.add(CompareOptions.next(arguments, i++));
                case "--huge-pages" -> choices.hugePages();
                default -> {
                    if (Choices.has(argument)) {
                        choices.set(argument, CompareOptions.next(arguments, i++));
                    } else if (argument.startsWith("-")) {
                        rest.add(argument);
                        rest.add(CompareOptions.next(arguments, i++));
                    } else {
                        names.add(argument);
                    }
                }
            }
        }
        choices.check();
        if (names.isEmpty() && !oversubscribed) {
            throw new UsageException("compare: name a model, or 'all', or 'int8'");
        }
        List<Map<String, String>> cases = new ArrayList<>();
        for (String name : names.isEmpty() ? SHARING : names) {
            for (Listed model : models(name, String.join(" ", shapes), log)) {
                cases.addAll(choices.of(model));
            }
        }
        if (cases.isEmpty()) {
            throw new UsageException("compare: all models are missing; run benchmarks/fetch-models");
        }
        return new CompareOptions(
                        oversubscribed ? Suite.OVERSUBSCRIPTION : Suite.MODELS,
                        quick,
                        json,
                        svg,
                        cases,
                        CompareOptions.jmh(rest))
                .checked();
    }

    private static List<String> numbers(String text) throws UsageException {
        if (!text.matches("[1-9]\\d{0,2}(,[1-9]\\d{0,2})*")) {
            throw new UsageException(
                    "--threads " + text + " is not a list of numbers from 1 to 999, separated by commas");
        }
        return List.of(text.split(","));
    }

    private static List<String> constants(String option, String text, Enum<?>... known) throws UsageException {
        List<String> all = List.of(text.split(","));
        List<String> names = Arrays.stream(known).map(Enum::name).toList();
        if (!names.containsAll(all)) {
            throw new UsageException(
                    option + " " + text + " is not a list of " + String.join(", ", names) + ", separated by commas");
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
        Listed usual =
                every().stream().filter(l -> l.name().equals(name)).findFirst().orElse(fetched(name, ""));
        if (!Files.isRegularFile(Path.of(name)) && usual.isThere()) {
            return List.of(shapes.isEmpty() ? usual : new Listed(name, usual.place(), usual.file(), shapes));
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
}
