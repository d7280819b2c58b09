/* What a core can do: float32 multiply-adds that wait for nothing but each other, in as many chains as it takes
 * to keep the units busy; and numbers read one after the other, over and over, from wherever they find room. */
#if defined(__AVX512F__)
#define BYTES 64
#elif defined(__AVX__)
#define BYTES 32
#else
#define BYTES 16
#endif
#define CHAINS 12
#define FLOATS (BYTES / 4)

typedef float vec __attribute__((vector_size(BYTES)));

/* Gives the operations that were done. */
double multiply_add(long rounds, float *out) {
  vec sum[CHAINS], factor, term;
  for (int i = 0; i < FLOATS; i++) factor[i] = 0.999f, term[i] = 0.001f * (i + 1);
  for (int c = 0; c < CHAINS; c++) sum[c] = term * (float)c;
  for (long r = 0; r < rounds; r++) {
#pragma GCC unroll 12
    for (int c = 0; c < CHAINS; c++) sum[c] = sum[c] * factor + term;
  }
  for (int c = 0; c < CHAINS; c++)
    for (int i = 0; i < FLOATS; i++) out[c * FLOATS + i] = sum[c][i];
  return 2.0 * FLOATS * CHAINS * rounds;
}

/* Gives the bytes that were read; count is a multiple of 8 vectors. */
double read_over(long rounds, const float *from, long count, float *out) {
  vec sum[CHAINS] = {0};
  const vec *vectors = (const vec *)from;
  for (long r = 0; r < rounds; r++) {
    for (long v = 0; v < count / FLOATS; v += 8) {
#pragma GCC unroll 8
      for (int c = 0; c < 8; c++) sum[c] += vectors[v + c];
    }
    __asm__ volatile("" ::: "memory"); /* they may have changed: read them again */
  }
  for (int c = 0; c < 8; c++)
    for (int i = 0; i < FLOATS; i++) out[c * FLOATS + i] = sum[c][i];
  return 4.0 * count * rounds;
}
