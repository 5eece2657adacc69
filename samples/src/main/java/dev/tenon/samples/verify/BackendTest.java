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
 * One test: a model and its sets of data.
 *
 * @param name its category and name
 * @param folder its folder
 */
record BackendTest(String name, Path folder) {
    private static final double RELATIVE = 1e-3;
    private static final double ABSOLUTE = 1e-5;

    /** The test in a folder that holds a model. */
    static BackendTest of(Path folder) {
        Path category = folder.toAbsolutePath().normalize().getParent();
        return new BackendTest(
                (category == null || category.getFileName() == null ? "" : category.getFileName() + "/")
                        + folder.toAbsolutePath().normalize().getFileName(),
                folder);
    }

    /** The size of its model, by which its time may be guessed. */
    long modelBytes() {
        try {
            return Files.size(folder.resolve("model.onnx"));
        } catch (IOException e) {
            return 0;
        }
    }

    /** Runs the test. Whatever is thrown makes it fail. */
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
            return result(Status.FAIL, "not a typed exception: " + e, start);
        }
    }

    private TestResult result(Status status, String reason, long start) {
        return new TestResult(name, status, reason, System.nanoTime() - start);
    }

    /** The test's model. */
    Model model() {
        return Model.load(folder.resolve("model.onnx"));
    }

    /** The folders of its sets of data. */
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
        for (ValueInfo input : formal(session.model(), set)) {
            if (!inputs.containsKey(input.name())) {
                return "no file for " + input;
            }
        }
        Outputs outputs = session.predict(inputs);
        Graph graph = session.model().graph();
        Chance chance = Chance.of(graph, inputs);
        List<ValueInfo> results = session.model().outputs();
        for (int i = 0; i < results.size(); i++) {
            Path file = set.resolve("output_" + i + ".pb");
            if (!Files.exists(file)) {
                return "no " + file.getFileName() + " for " + results.get(i);
            }
            Datum actual = outputs.get(results.get(i).name());
            String why = difference(
                    actual, read(file, actual.type()), chance, graph.outputs().get(i));
            if (why != null) {
                return "output " + i + " '" + results.get(i).name() + "': " + why;
            }
        }
        return null;
    }

    /** The inputs of a set by their names, without those that it has no file for. */
    static Map<String, Datum> inputs(Model model, Path set) {
        Map<String, Datum> inputs = new LinkedHashMap<>();
        List<ValueInfo> formal = formal(model, set);
        for (int i = 0; i < formal.size(); i++) {
            Path file = set.resolve("input_" + i + ".pb");
            if (Files.exists(file)) {
                inputs.put(formal.get(i).name(), read(file, formal.get(i).type()));
            }
        }
        return inputs;
    }

    /** The inputs that a set has files for: those of every call, or, where there are more files, those that they name. */
    private static List<ValueInfo> formal(Model model, Path set) {
        List<ValueInfo> all = new ArrayList<>(model.inputs());
        if (!Files.exists(set.resolve("input_" + all.size() + ".pb"))) {
            return all;
        }
        all.addAll(model.optionalInputs());
        List<ValueInfo> named = new ArrayList<>();
        for (int i = 0; Files.exists(set.resolve("input_" + i + ".pb")); i++) {
            String name = TensorFiles.readName(set.resolve("input_" + i + ".pb"), Limits.defaults());
            all.stream().filter(info -> info.name().equals(name)).forEach(named::add);
        }
        return named.size() < model.inputs().size() ? model.inputs() : named;
    }

    /** Of what depends on chance only type, shape and the bounds that the graph sets are known. */
    private String difference(Datum actual, Datum expected, Chance chance, Value value) throws IOException {
        Agreement agreement = agreement(!chance.reaches(value));
        String why = agreement.difference(actual, expected);
        return why != null || agreement.values()
                ? why
                : Chance.violation(actual, chance.range(value), agreement.relative(), agreement.absolute());
    }

    /** Files need not have the shapes that the model declares; a comparison is what shows whether they do. */
    private static Datum read(Path file, ValueType type) {
        return TensorFiles.read(file, ofAnyShape(type), Limits.defaults());
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
