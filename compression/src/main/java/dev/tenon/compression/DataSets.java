package dev.tenon.compression;

import dev.tenon.ValueInfo;
import dev.tenon.formats.Limits;
import dev.tenon.formats.onnx.TensorFiles;
import dev.tenon.tensor.Tensor;
import dev.tenon.tensor.TensorType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The data sets of backend tests. */
record DataSets(Path folder) implements StoredSamples.Source {
    private static final String PREFIX = "test_data_set_";
    private static final int LEAST_RANK = 2;

    /** The order in which the numbers at the ends of names rise. */
    private static final Comparator<Path> BY_NUMBER = Comparator.comparing((Path p) -> String.valueOf(p.getParent()))
            .thenComparingInt(p -> p.getFileName().toString().length())
            .thenComparing(p -> p.getFileName().toString());

    @Override
    public Samples.Calls bind(List<ValueInfo> inputs, PixelNormalization normalization) {
        List<Path> sets = sets(folder);
        if (sets.isEmpty()) {
            for (Path inner : entries(folder)) {
                sets.addAll(Files.isDirectory(inner) ? sets(inner) : List.of());
            }
        }
        if (sets.isEmpty()) {
            String found = entries(folder).isEmpty() ? "an empty folder" : "no folder " + PREFIX + "0";
            throw new CompressionException(
                    folder.toString(), found, "a folder of arrays NAME.npy or of backend tests", null);
        }
        long samples = 0;
        for (Path set : sets) {
            samples += read(set, inputs, normalization).samples();
        }
        return new SetCalls(sets, inputs, normalization, samples);
    }

    private static List<Path> entries(Path folder) {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.sorted().toList();
        } catch (IOException e) {
            throw new CompressionException(folder.toString(), e.toString(), "a folder that can be read", null, e);
        }
    }

    private static List<Path> sets(Path folder) {
        return entries(folder).stream()
                .filter(p -> p.getFileName().toString().startsWith(PREFIX) && Files.isDirectory(p))
                .sorted(BY_NUMBER)
                .collect(Collectors.toCollection(ArrayList::new));
    }

    /** The calls of data sets. */
    private record SetCalls(List<Path> sets, List<ValueInfo> inputs, PixelNormalization normalization, long samples)
            implements Samples.Calls {
        @Override
        public void forEach(Consumer<Samples.Call> action) {
            for (Path set : sets) {
                action.accept(read(set, inputs, normalization));
            }
        }
    }

    private static Samples.Call read(Path set, List<ValueInfo> inputs, PixelNormalization normalization) {
        Map<String, Path> files = files(set, inputs);
        Map<String, Tensor> call = new LinkedHashMap<>();
        for (ValueInfo input : inputs) {
            Path file = files.get(input.name());
            String thing = String.valueOf(file);
            Tensor stored = TensorFiles.readTensor(file);
            TensorType type = InputConversion.type(input);
            if (!type.shape().compatibleWith(stored.shape())) {
                throw new CompressionException(
                        thing, stored.type().text() + " for input '" + input.name() + "'", type.text(), null);
            }
            InputConversion conversion = InputConversion.of(thing, stored.dtype(), input, normalization);
            conversion.check(thing, stored.dims());
            call.put(input.name(), conversion.apply(stored));
        }
        Tensor first =
                call.isEmpty() ? Tensor.scalar(0) : call.get(inputs.getFirst().name());
        return new Samples.Call(call, first.rank() < LEAST_RANK ? 1 : Math.max(1, first.dim(0)));
    }

    /** The file of each input: the one with its name in it, otherwise the one with its number. */
    private static Map<String, Path> files(Path set, List<ValueInfo> inputs) {
        Map<String, Path> named = new LinkedHashMap<>();
        List<Path> numbered = new ArrayList<>();
        for (int i = 0; Files.exists(set.resolve("input_" + i + ".pb")); i++) {
            Path file = set.resolve("input_" + i + ".pb");
            numbered.add(file);
            named.putIfAbsent(TensorFiles.readName(file, Limits.standard()), file);
        }
        Map<String, Path> files = new LinkedHashMap<>();
        boolean areNamed = inputs.stream().allMatch(input -> named.containsKey(input.name()));
        for (int i = 0; i < inputs.size(); i++) {
            String name = inputs.get(i).name();
            if (!areNamed && i >= numbered.size()) {
                throw new CompressionException(
                        set.toString(),
                        numbered.size() + " files for " + inputs.size() + " inputs",
                        "input_0.pb to input_" + (inputs.size() - 1) + ".pb",
                        null);
            }
            files.put(name, areNamed ? named.get(name) : numbered.get(i));
        }
        return files;
    }
}
