package dev.tenon.compression;

import dev.tenon.ValueInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An array file for the only input of a model, or a folder with an array file for each input. */
record ArrayFiles(Path path) implements StoredSamples.Source {
    @Override
    public Samples.Calls bind(List<ValueInfo> inputs, PixelNormalization normalization) {
        Map<String, Path> files = Files.isDirectory(path) ? folder() : Map.of(onlyInput(inputs), path);
        return new ArrayCalls(path.toString(), () -> OpenArrays.ofFiles(files), inputs, normalization);
    }

    private String onlyInput(List<ValueInfo> inputs) {
        if (inputs.size() != 1) {
            String names = inputs.stream().map(ValueInfo::name).collect(Collectors.joining(", "));
            throw new CompressionException(
                    path.toString(),
                    "one array for a model with " + inputs.size() + " inputs",
                    "an array for each of " + names,
                    "save the arrays by these names with numpy.savez");
        }
        return inputs.getFirst().name();
    }

    private Map<String, Path> folder() {
        try (Stream<Path> entries = Files.list(path)) {
            Map<String, Path> files = new LinkedHashMap<>();
            entries.filter(p -> p.toString().endsWith(OpenArrays.ENDING))
                    .sorted()
                    .forEach(p -> {
                        String name = p.getFileName().toString();
                        files.put(name.substring(0, name.length() - OpenArrays.ENDING.length()), p);
                    });
            return files;
        } catch (IOException e) {
            throw new CompressionException(path.toString(), e.toString(), "a folder that can be read", null, e);
        }
    }
}
