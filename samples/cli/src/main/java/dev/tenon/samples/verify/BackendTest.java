package dev.tenon.samples.verify;

import dev.tenon.Model;
import dev.tenon.Outputs;
import dev.tenon.Session;
import dev.tenon.ValueInfo;
import dev.tenon.error.TenonException;
import dev.tenon.formats.Limits;
import dev.tenon.formats.UnsupportedModelException;
import dev.tenon.formats.onnx.TensorFiles;
import dev.tenon.graph.Graph;
import dev.tenon.graph.Value;
import dev.tenon.samples.verify.TestResult.Status;
import dev.tenon.tensor.Datum;
import dev.tenon.tensor.MapType;
import dev.tenon.tensor.OptionalType;
import dev.tenon.tensor.SequenceType;
import dev.tenon.tensor.Shape;
import dev.tenon.tensor.TensorType;
import dev.tenon.tensor.ValueType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A backend test: a model and its data sets.
 *
 * @param name the category and the name of the test
 * @param folder the folder of the test
 */
record BackendTest(String name, Path folder) {
    private static final double RELATIVE = 1e-3;
    private static final double ABSOLUTE = 1e-5;

    /** The test in a folder that has a model. */
    static BackendTest of(Path folder) {
        Path category = folder.toAbsolutePath().normalize().getParent();
        return new BackendTest(
                (category == null || category.getFileName() == null ? "" : category.getFileName() + "/")
                        + folder.toAbsolutePath().normalize().getFileName(),
                folder);
    }

    /** The size of the model file, a rough guess at the time that the test takes. 0 if it is unknown. */
    long modelBytes() {
        try {
            return Files.size(folder.resolve("model.onnx"));
        } catch (IOException e) {
            return 0;
        }
    }

    /** Runs the test. Any exception or error makes it fail. */
    TestResult run() {
        long start = System.nanoTime();
        try {
            String why = difference();
            return result(why == null ? Status.PASS : Status.FAIL, why == null ? "" : why, start);
        } catch (UnsupportedModelException e) {
            return result(Status.UNSUPPORTED, e.getMessage(), start);
        } catch (TenonException | IOException e) {
            return result(Status.FAIL, e.getMessage(), start);
        } catch (RuntimeException | Error e) {
            return result(Status.FAIL, "untyped exception: " + e, start);
        }
    }

    private TestResult result(Status status, String reason, long start) {
        return new TestResult(name, status, reason, System.nanoTime() - start);
    }

    /** Loads the model of the test. */
    Model model() {
        return Model.load(folder.resolve("model.onnx"));
    }

    /** The folders of the data sets. */
    List<Path> sets() throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.filter(p -> p.getFileName().toString().startsWith("test_data_set_"))
                    .sorted()
                    .toList();
        }
    }

    private String difference() throws IOException {
        Session session = model().session();
        List<Path> sets = sets();
        if (sets.isEmpty()) {
            return "no test_data_set";
        }
        for (Path set : sets) {
            String why = difference(session, set);
            if (why != null) {
                return set.getFileName() + ": " + why;
            }
        }
        return null;
    }

    private String difference(Session session, Path set) throws IOException {
        Map<String, Datum> inputs = inputs(session.model(), set);
        for (ValueInfo input : expectedInputs(session.model(), set)) {
            if (!inputs.containsKey(input.name())) {
                return "no file for " + input;
            }
        }
        Outputs outputs = session.predict(inputs);
        Graph graph = session.model().graph();
        RandomValues random = RandomValues.of(graph, inputs);
        List<ValueInfo> results = session.model().outputs();
        for (int i = 0; i < results.size(); i++) {
            Path file = set.resolve("output_" + i + ".pb");
            if (!Files.exists(file)) {
                return "no " + file.getFileName() + " for " + results.get(i);
            }
            Datum actual = outputs.get(results.get(i).name());
            String why = difference(
                    actual, read(file, actual.type()), random, graph.outputs().get(i));
            if (why != null) {
                return "output " + i + " '" + results.get(i).name() + "': " + why;
            }
        }
        return null;
    }

    /** Reads the inputs of a data set by name. Leaves out inputs without a file. */
    static Map<String, Datum> inputs(Model model, Path set) {
        Map<String, Datum> inputs = new LinkedHashMap<>();
        List<ValueInfo> expected = expectedInputs(model, set);
        for (int i = 0; i < expected.size(); i++) {
            Path file = set.resolve("input_" + i + ".pb");
            if (Files.exists(file)) {
                inputs.put(expected.get(i).name(), read(file, expected.get(i).type()));
            }
        }
        return inputs;
    }

    /**
     * The inputs of a model in the order of the files of a data set. If there are more files than required inputs, the
     * names in the files tell which inputs they are.
     */
    private static List<ValueInfo> expectedInputs(Model model, Path set) {
        List<ValueInfo> all = new ArrayList<>(model.inputs());
        if (!Files.exists(set.resolve("input_" + all.size() + ".pb"))) {
            return all;
        }
        all.addAll(model.optionalInputs());
        List<ValueInfo> named = new ArrayList<>();
        for (int i = 0; Files.exists(set.resolve("input_" + i + ".pb")); i++) {
            String name = TensorFiles.readName(set.resolve("input_" + i + ".pb"), Limits.standard());
            all.stream().filter(info -> info.name().equals(name)).forEach(named::add);
        }
        return named.size() < model.inputs().size() ? model.inputs() : named;
    }

    /**
     * Describes the difference between two data; null if they agree. For a random value compares type, shape and
     * bounds.
     */
    private String difference(Datum actual, Datum expected, RandomValues random, Value value) throws IOException {
        Agreement agreement = agreement(!random.contains(value));
        String why = agreement.difference(actual, expected);
        return why != null || agreement.values()
                ? why
                : RandomValues.violation(actual, random.range(value), agreement.relative(), agreement.absolute());
    }

    /** Reads a file that may have another shape than the model declares. The comparison reports such a shape. */
    private static Datum read(Path file, ValueType type) {
        return TensorFiles.read(file, ofAnyShape(type), Limits.standard());
    }

    private static ValueType ofAnyShape(ValueType type) {
        return switch (type) {
            case TensorType t -> new TensorType(t.dtype(), Shape.unknownRank());
            case SequenceType t -> new SequenceType(ofAnyShape(t.element()));
            case OptionalType t -> new OptionalType(ofAnyShape(t.element()));
            case MapType t -> new MapType(t.key(), ofAnyShape(t.value()));
        };
    }

    private Agreement agreement(boolean values) throws IOException {
        Path file = folder.resolve("data.json");
        String json = Files.exists(file) ? Files.readString(file) : "";
        return new Agreement(number(json, "rtol", RELATIVE), number(json, "atol", ABSOLUTE), values);
    }

    private static double number(String json, String key, double standard) {
        Matcher m = Pattern.compile("\"" + key + "\"\\s*:\\s*([-+.eE0-9]+)").matcher(json);
        return m.find() ? Double.parseDouble(m.group(1)) : standard;
    }
}
