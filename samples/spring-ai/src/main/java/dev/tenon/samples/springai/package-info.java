/**
 * An embedding model of Spring AI that runs on Tenon: {@link dev.tenon.samples.springai.TenonEmbeddingModel}.
 * {@link dev.tenon.samples.springai.SpringAiMain} searches with it.
 *
 * <p>This package translates types. Texts become vectors in {@code dev.tenon.embedding}.
 */
package dev.tenon.samples.springai;
