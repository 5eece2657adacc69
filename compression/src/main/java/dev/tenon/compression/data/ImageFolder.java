package dev.tenon.compression.data;

import dev.tenon.ValueInfo;
import dev.tenon.compression.CompressionException;
import dev.tenon.compression.Samples;
import dev.tenon.image.ImagePreprocessor;
import dev.tenon.image.Images;
import dev.tenon.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** A folder of images. */
record ImageFolder(Path folder) {
    private static final List<String> ENDINGS = List.of(".png", ".jpg", ".jpeg", ".bmp", ".gif");

    private static boolean isImage(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return ENDINGS.stream().anyMatch(name::endsWith) && Files.isRegularFile(file);
    }

    /** The images in the order of their paths. */
    private List<Path> files() {
        try (Stream<Path> all = Files.walk(folder)) {
            List<Path> files = all.filter(ImageFolder::isImage).sorted().toList();
            if (files.isEmpty()) {
                throw new CompressionException(
                        folder.toString(), "no image", "files that end in " + String.join(", ", ENDINGS), null);
            }
            return files;
        } catch (IOException | UncheckedIOException e) {
            throw new CompressionException(folder.toString(), e.toString(), "a folder that can be read", null, e);
        }
    }

    Samples.Calls bind(ImagePreprocessor preprocessor, List<ValueInfo> inputs) {
        if (inputs.size() != 1) {
            throw new CompressionException(
                    "samples of images", "a model of " + inputs.size() + " inputs", "a model of one input", null);
        }
        List<Path> files = files();
        call(files.getFirst(), preprocessor, inputs);
        return new RawSamples.Streamed(
                files.size(), action -> files.forEach(file -> action.accept(call(file, preprocessor, inputs))));
    }

    private static Samples.Call call(Path file, ImagePreprocessor preprocessor, List<ValueInfo> inputs) {
        try {
            Tensor image = preprocessor.tensor(Images.read(file));
            return new Samples.Call(Map.of(inputs.getFirst().name(), image), 1).checked(file.toString(), inputs);
        } catch (IOException e) {
            throw new CompressionException(file.toString(), e.toString(), "a file that can be read", null, e);
        }
    }

    /** The class of each image: the index of its folder among those of all images. */
    Tensor classes() {
        List<Path> files = files();
        List<Path> classes = files.stream()
                .map(file -> folder.relativize(file).getName(0))
                .distinct()
                .sorted()
                .toList();
        long[] labels = new long[files.size()];
        for (int i = 0; i < labels.length; i++) {
            Path inner = folder.relativize(files.get(i));
            if (inner.getNameCount() < 2) {
                throw new CompressionException(
                        files.get(i).toString(), "in no folder of a class", "a folder for each class", null);
            }
            labels[i] = classes.indexOf(inner.getName(0));
        }
        return Tensor.of(labels);
    }
}
